"""Models that are saved as a script, which reads its configuration and calls ``set_model``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.yaml_files import read_mapping
from mlyard.models import mlflow_names

__all__ = ["ModelConfig", "set_model"]

_set: list[Any] = []
_current: list[Mapping[str, Any]] = []


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
    _set.append(model)


def run_script(script: Path, config: Mapping[str, Any]) -> Any:
    """Run a script and return the model that it sets. Raises InvalidParameter if it sets none."""
    spec = importlib.util.spec_from_file_location(f"code_model_{uuid.uuid4().hex}", script)
    if spec is None or spec.loader is None:
        raise InvalidParameter(f"The model {str(script)!r} is not a Python script.")
    module = importlib.util.module_from_spec(spec)
    _set.clear()
    with mlflow_names.provided(), _current_config(config), _mlflow_sets_here(script):
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    if not _set:
        raise InvalidParameter(
            f"The script {script.name!r} does not set a model: call mlyard.models.set_model(model) in it."
        )
    return _set.pop()


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
        current = _current[-1] if _current else None
        self._config = current or read_config(development_config)

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
def _current_config(config: Mapping[str, Any]) -> Iterator[None]:
    """Within this context, every new ModelConfig has this content."""
    _current.append(config)
    try:
        yield
    finally:
        _current.pop()


def read_config(given: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    """Read a configuration from a dict or from a YAML file. Raises InvalidParameter."""
    return {} if given is None else dict(read_mapping(given, "model configuration"))


def overridden(saved: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The saved configuration, with given values for the keys that it has; other given keys are ignored."""
    if not saved:
        return dict(given)
    return {key: given.get(key, value) for key, value in saved.items()}
