"""MLflow's import names, for models whose code was written for MLflow, where MLflow is not installed.

``import mlflow.pyfunc`` of a model's code then finds ``mlyard.pyfunc``. An MLflow that is installed wins.
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

_OTHER_NAMES = {
    "mlflow.pyfunc.model": "mlyard.models.custom",
    "mlflow.pyfunc.context": "mlyard.models.custom",
    "mlflow.models.model": "mlyard.models",
    "mlflow.models.signature": "mlyard.models.signature",
    "mlflow.models.model_config": "mlyard.models.script",
    "mlflow.tracking.fluent": "mlyard",
}


def our_name(name: str) -> str:
    """The module of ours that stands for one of MLflow's."""
    return _OTHER_NAMES.get(name) or "mlyard" + name[len("mlflow") :]


def is_mlflows(name: str) -> bool:
    """Whether a module's name is one of MLflow's."""
    return name == "mlflow" or name.startswith("mlflow.")


def our_module(name: str) -> ModuleType | None:
    """Our module for one of MLflow's; None when there is none."""
    ours = our_name(name)
    try:
        return importlib.import_module(ours)
    except ModuleNotFoundError as error:
        if error.name and ours.startswith(error.name):
            return None
        raise


@contextmanager
def provided() -> Iterator[None]:
    """Where MLflow is not installed, its names mean ours, to code that is loaded within and to what it imports later.

    Installed libraries that look whether MLflow is there still find that it is not.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if isinstance(module, _Alias):
                del sys.modules[name]


def is_installed() -> bool:
    """Whether the real MLflow can be imported."""
    spec = importlib.util.find_spec("mlflow")
    return spec is not None and not isinstance(spec.loader, _Finder)


def _importer() -> FrameType | None:
    """The frame of the code that imports."""
    frame: FrameType | None = sys._getframe(2)
    while frame and str(frame.f_globals.get("__name__", "")).startswith("importlib"):
        frame = frame.f_back
    return frame


def _is_library(frame: FrameType | None) -> bool:
    """Whether it is an installed library's code; cloudpickle imports what pickles name."""
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
        """Nothing: its names are looked up when they are asked for."""


class _Alias(ModuleType):
    """A module that has the names of ours."""

    def __getattr__(self, name: str) -> Any:
        ours = our_module(self.__name__)
        if ours is None or name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(ours, name)
