"""Lets models whose code imports MLflow run without MLflow.

``import mlflow.pyfunc`` in a model's code then finds ``mlyard.pyfunc``. If MLflow is installed, it is used instead.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from mlyard.core import forks

_OTHER_NAMES = {
    "mlflow.pyfunc.model": "mlyard.models.custom",
    "mlflow.pyfunc.context": "mlyard.models.custom",
    "mlflow.models.model": "mlyard.models",
    "mlflow.models.signature": "mlyard.models.signature",
    "mlflow.models.model_config": "mlyard.models.script",
    "mlflow.tracking.fluent": "mlyard",
    "mlflow.tracking.context": "mlyard.models.mlflow_internals",
    "mlflow.tracking.context.registry": "mlyard.models.mlflow_internals",
    "mlflow.utils": "mlyard.models.mlflow_internals",
    "mlflow.utils.mlflow_tags": "mlyard.models.mlflow_internals",
    "mlflow.utils.validation": "mlyard.models.mlflow_internals",
    "mlflow.version": "mlyard.models.mlflow_internals",
}

_blocks: list[object] = []  # those in which mlyard is provided as MLflow, in all threads
forks.in_child(_blocks.clear)  # the threads of a parent do not go on in its child


def our_name(name: str) -> str:
    """The name of the mlyard module that replaces a module of MLflow."""
    return _OTHER_NAMES.get(name) or "mlyard" + name[len("mlflow") :]


def is_mlflows(name: str) -> bool:
    """Whether a module belongs to MLflow, by its name."""
    return name == "mlflow" or name.startswith("mlflow.")


def has_modules(name: str) -> bool:
    """Whether there are replacements for modules below a module of MLflow."""
    return any(other.startswith(f"{name}.") for other in _OTHER_NAMES)


def our_module(name: str) -> ModuleType | None:
    """The mlyard module that replaces a module of MLflow; None if there is none."""
    ours = our_name(name)
    try:
        return importlib.import_module(ours)
    except ModuleNotFoundError as error:
        if error.name and ours.startswith(error.name):
            return None
        raise


@contextmanager
def provided() -> Iterator[None]:
    """Within this context, ``import mlflow`` finds mlyard if MLflow is not installed.

    Code loaded here can also import MLflow's names later. Installed libraries that check for MLflow still do not
    find it.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
    block = object()
    _blocks.append(block)
    try:
        yield
    finally:
        if block in _blocks:
            _blocks.remove(block)
        if not _blocks:  # otherwise another thread may be importing one of them
            _remove_aliases()


def _remove_aliases() -> None:
    for name, module in sys.modules.copy().items():  # a copy, because other threads import meanwhile
        if isinstance(module, _Alias):
            sys.modules.pop(name, None)


def is_installed() -> bool:
    """Whether the real MLflow can be imported."""
    spec = importlib.util.find_spec("mlflow")
    return spec is not None and not isinstance(spec.loader, _Finder) and not _is_alias(spec)


def _is_alias(spec: ModuleSpec) -> bool:
    """Whether a package ``mlflow`` is mlyard's alias."""
    file = Path(spec.origin or "")
    return file.is_file() and "mlyard.models.mlflow_alias" in file.read_text(encoding="utf-8")


def _importer() -> FrameType | None:
    """The frame of the importing code."""
    frame: FrameType | None = sys._getframe(2)
    while frame and str(frame.f_globals.get("__name__", "")).startswith("importlib"):
        frame = frame.f_back
    return frame


def _is_library(frame: FrameType | None) -> bool:
    """Whether a frame belongs to an installed library other than cloudpickle, which imports the names in pickles."""
    if frame is None:
        return False
    first = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    places = {"site-packages", "dist-packages"} & set(Path(frame.f_code.co_filename).parts)
    return bool(places) and first not in {"cloudpickle", "mlyard"}


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if not is_mlflows(fullname) or _is_library(_importer()) or our_module(fullname) is None:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Alias(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names are looked up when they are first used."""


class _Alias(ModuleType):
    """A module under MLflow's name that looks its attributes up in mlyard."""

    def __getattr__(self, name: str) -> Any:
        ours = our_module(self.__name__)
        if ours is None or name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(ours, name)
