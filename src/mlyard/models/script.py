"""Models that are saved as a script, which reads its configuration and calls ``set_model``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from mlyard.core.errors import InvalidParameter
from mlyard.core.yaml_files import read_mapping
from mlyard.models import mlflow_names
from mlyard.models.format.own_modules import OwnModules

__all__ = ["ModelConfig", "set_model"]

T = TypeVar("T")

# Of the script that runs in this context: other threads may load other models.
_set: ContextVar[list[Any] | None] = ContextVar("mlyard_model_of_script", default=None)
_current: ContextVar[Mapping[str, Any] | None] = ContextVar("mlyard_model_config", default=None)


def set_model(model: Any) -> None:
    """Set the model that a script defines; to be called in the script itself.

    Args:
        model: The model: a function, or an object with ``predict``.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> script = Path("shout.py")
        >>> _ = script.write_text('''
        ... from mlyard.models import set_model
        ...
        ... def shout(texts):
        ...     return [text.upper() for text in texts]
        ...
        ... set_model(shout)
        ... ''')
        >>> mlyard.pyfunc.save_model("shout", python_model="shout.py", pip_requirements=[])
        >>> mlyard.pyfunc.load_model("shout").predict(["hello"])
        ['HELLO']
    """
    models = _set.get()
    if models is not None:
        models.append(model)


def run_script(script: Path, config: Mapping[str, Any], modules: OwnModules | None = None) -> Any:
    """Run a script, with the modules that its model brings, and return the model that it sets.

    Raises InvalidParameter if it sets none.
    """
    spec = importlib.util.spec_from_file_location(f"code_model_{uuid.uuid4().hex}", script)
    if spec is None or spec.loader is None:
        raise InvalidParameter(f"The model {str(script)!r} is not a Python script.")
    module = importlib.util.module_from_spec(spec)
    if modules:
        vars(module)["__builtins__"] = modules.builtins
    models: list[Any] = []
    with mlflow_names.provided(), _value(_set, models), _value(_current, config), _mlflow_sets_here(script):
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    if not models:
        raise InvalidParameter(
            f"The script {script.name!r} does not set a model: call mlyard.models.set_model(model) in it."
        )
    return models.pop()


@contextmanager
def _mlflow_sets_here(script: Path) -> Iterator[None]:
    """If the script uses an installed MLflow, replace its ``set_model`` and ``ModelConfig`` with ours meanwhile."""
    if "mlflow" not in script.read_text(encoding="utf-8") or not mlflow_names.is_installed():
        yield
        return
    theirs: Any = importlib.import_module("mlflow.models")
    kept = theirs.set_model, theirs.ModelConfig
    theirs.set_model, theirs.ModelConfig = set_model, ModelConfig
    try:
        yield
    finally:
        theirs.set_model, theirs.ModelConfig = kept


class ModelConfig:
    """The configuration of a model that is saved as a script.

    When the script is loaded as a model, this is the ``model_config`` that the model was saved or loaded with.
    Otherwise, or if that is empty, it is ``development_config``.

    Args:
        development_config: A dict, or the path of a YAML file with a mapping. Default: empty.

    Raises:
        InvalidParameter: The file cannot be read or is not a mapping.

    Example:
        >>> from mlyard.models import ModelConfig
        >>> config = ModelConfig(development_config={"factor": 3})
        >>> config.get("factor")
        3
    """

    def __init__(self, *, development_config: Mapping[str, Any] | str | Path | None = None) -> None:
        self._config = _current.get() or read_config(development_config)

    def get(self, key: str) -> Any:
        """Get one value of the configuration.

        Args:
            key: The name of the value.

        Returns:
            The value.

        Raises:
            KeyError: The configuration has no such key.
        """
        if key not in self._config:
            raise KeyError(f"The model's configuration has no key {key!r}; it has {sorted(self._config)}.")
        return self._config[key]

    def to_dict(self) -> dict[str, Any]:
        """A copy of the whole configuration."""
        return dict(self._config)


@contextmanager
def _value(variable: ContextVar[T], value: T) -> Iterator[None]:
    """In this block, a context variable has a value."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def read_config(given: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    """Read a configuration from a dict or from a YAML file. Raises InvalidParameter."""
    return {} if given is None else dict(read_mapping(given, "model configuration"))


def overridden(saved: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The saved configuration, with given values for the keys that it has; other given keys are ignored."""
    if not saved:
        return dict(given)
    return {key: given.get(key, value) for key, value in saved.items()}
