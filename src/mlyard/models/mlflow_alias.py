"""Makes ``import mlflow`` mean mlyard in a whole process.

The alias package ``mlflow`` (``envs/alias_packages``) calls ``take_over``. Its modules are mlyard's modules
themselves: ``mlflow.sklearn is mlyard.sklearn``. Only ``mlflow`` is a module of its own, because it has MLflow's
version.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from mlyard.core.version import MLFLOW_VERSION
from mlyard.models.mlflow_names import has_modules, is_mlflows, our_module


def take_over() -> None:
    """Turn the module ``mlflow``, which is being imported, into mlyard.

    It stays a plain module with functions for missing names (PEP 562), because picklers know that type only.
    """
    sys.modules["mlflow"].__dict__.update(__version__=MLFLOW_VERSION, __getattr__=_attribute, __dir__=_names)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _attribute(name: str) -> Any:
    if hasattr(_ours(), name):
        return getattr(_ours(), name)
    module = our_module(f"mlflow.{name}")
    if module is None:
        raise AttributeError(
            f"module 'mlflow' has no attribute {name!r}: it is mlyard here. To use MLflow itself, run the project "
            "with --keep-mlflow, or run `mlyard alias remove` and install MLflow."
        )
    return module


def _names() -> list[str]:
    return sorted({*vars(sys.modules["mlflow"]), *dir(_ours())})


def _ours() -> ModuleType:
    return sys.modules["mlyard"]


class _Finder(MetaPathFinder, Loader):
    """Finds the modules below ``mlflow``: each is the module of mlyard."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        if fullname == "mlflow" or not is_mlflows(fullname):
            return None
        module = our_module(fullname)
        if module is None:
            return None
        # MLflow has packages where mlyard has a file: that file gets an empty path, which the import system asks for.
        is_package = hasattr(module, "__path__") or has_modules(fullname)
        return ModuleSpec(fullname, self, loader_state=module.__spec__, is_package=is_package)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return our_module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing but give the module its own spec back, which the import has replaced."""
        if module.__spec__ is not None and isinstance(module.__spec__.loader, _Finder):
            module.__spec__ = module.__spec__.loader_state
