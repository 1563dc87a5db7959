"""Pickles of models that MLflow can read without mlyard, and mlyard without MLflow.

References to mlyard are written under MLflow's names, and references to MLflow are read as mlyard's. Reading a pickle
runs code; ``safety`` decides whether that is allowed.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import pickle
import pkgutil
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import MissingExtra
from mlyard.models import mlflow_names
from mlyard.models.custom import PythonModel, PythonModelContext
from mlyard.models.format.own_modules import OwnModules

_reading: ContextVar[bool] = ContextVar("mlyard_pickle_is_read", default=False)
_OPENED_BY: dict[str | None, Callable[..., Any]] = {
    None: open,
    "bzip2": bz2.open,
    "gzip": gzip.open,
    "lzma": lzma.open,
}


def dump(model: Any, file: Path) -> None:
    """Write a pickle. Raises cloudpickle's errors for objects that cannot be pickled."""
    with file.open("wb") as stream:
        _Pickler(stream).dump(model)


def load(file: Path, compression: str | None = None, modules: OwnModules | None = None) -> Any:
    """Read a pickle, which runs the code in it and may name modules that its model brings.

    Raises InvalidParameter if the compression is not supported or the file is damaged.
    """
    if compression not in _OPENED_BY:
        raise InvalidParameter(
            f"The pickle {file.name!r} is compressed with {compression!r}; only bzip2, gzip and lzma are supported."
        )
    token = _reading.set(True)
    try:
        with mlflow_names.provided(), _OPENED_BY[compression](file, "rb") as stream:
            return _Unpickler(stream, modules).load()
    except (pickle.UnpicklingError, EOFError, gzip.BadGzipFile, lzma.LZMAError) as error:
        raise InvalidParameter(f"The pickle {str(file)!r} is damaged: {error}") from None
    finally:
        _reading.reset(token)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    def reducer_override(self, obj: Any) -> Any:
        name = _mlflows_name(obj)
        return super().reducer_override(obj) if name is None else (pkgutil.resolve_name, (name,))


def _mlflows_name(obj: Any) -> str | None:
    """MLflow's name for a public object of mlyard, 'module' or 'module:attribute'; None for other objects."""
    if isinstance(obj, ModuleType):
        ours = obj.__name__.replace("mlyard.flavors.", "mlyard.")
        return ours.replace("mlyard", "mlflow", 1) if ours == "mlyard" or ours.startswith("mlyard.") else None
    module, name = getattr(obj, "__module__", None), getattr(obj, "__qualname__", None)
    if not (isinstance(module, str) and module.startswith("mlyard.") and isinstance(name, str)):
        return None
    if obj in (PythonModel, PythonModelContext):
        return f"mlflow.pyfunc:{name}"
    if module.startswith("mlyard.flavors.") and "." not in name:
        return f"{module.replace('mlyard.flavors', 'mlflow')}:{name}"
    return f"mlflow:{name}" if name in importlib.import_module("mlyard").__all__ else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: Any, modules: OwnModules | None) -> None:
        super().__init__(stream)
        self._modules = modules

    def find_class(self, module: str, name: str) -> Any:
        if self._modules and (module, name) == ("cloudpickle.cloudpickle", "_make_function"):
            return self._modules.function
        if self._modules and self._modules.has(module):
            with self._modules.imported():
                return super().find_class(module, name)
        if (module, name) == ("pkgutil", "resolve_name"):
            return _resolve
        if mlflow_names.is_mlflows(module):
            return _of_mlflow(module, name)
        return super().find_class(module, name)


def _resolve(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if mlflow_names.is_mlflows(module):
        ours = mlflow_names.our_module(module)
        if ours is not None and (not attribute or hasattr(ours, attribute)):
            return getattr(ours, attribute) if attribute else ours
    return pkgutil.resolve_name(name)


def _of_mlflow(module: str, name: str) -> Any:
    ours = mlflow_names.our_module(module)
    first = name.partition(".")[0]
    if ours is not None and hasattr(ours, first):
        found: Any = ours
        for part in name.split("."):
            found = getattr(found, part)
        return found if _is_as_theirs(found) else _stand_in(module, name)
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return _stand_in(module, name)


def _is_as_theirs(found: Any) -> bool:
    """Whether our class can hold the state of MLflow's: true for model base classes and exceptions only."""
    return not isinstance(found, type) or issubclass(found, (PythonModel, PythonModelContext, BaseException))


def _stand_in(module: str, name: str) -> type:
    return type(name, (_Missing,), {"__module__": module})


class _MissingType(type):
    """Has any attribute while a pickle is read: Python 3.11.2, for one, pickles members of enums as attributes."""

    def __getattr__(cls, name: str) -> Any:
        if not _reading.get() or name.startswith("__"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return cls()


class _Missing(metaclass=_MissingType):
    """Replaces an object of MLflow that mlyard does not have; pickles contain such objects without using them."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if not _reading.get():
            raise MissingExtra(f"The model uses {cls.__module__}.{cls.__name__}, but MLflow is not installed here.")
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Accepts any arguments that the pickle passes."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{type(self).__module__}.{type(self).__name__} belongs to MLflow, which is not installed here."
        )
