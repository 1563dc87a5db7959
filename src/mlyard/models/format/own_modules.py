"""The modules that a model brings, apart from modules of the same names that other models bring.

The import system knows one module of each name. So the code of a model gets an ``__import__`` that puts the model's own
modules into ``sys.modules`` while it imports one of them. Imports that the code does later, such as in ``predict``,
find the model's own modules too.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mlyard.core import forks

_folders: set[Path] = set()  # the code of all models that this process has loaded
_current: list[OwnModules] = []
_lock = threading.RLock()


class OwnModules:
    """The modules of one loaded model, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, ModuleType] = {}
        self.builtins: dict[str, Any] = {**vars(builtins), "__import__": self._import}
        _folders.add(folder)
        importlib.invalidate_caches()
        self._names = {name for name in {child.stem for child in folder.iterdir()} if self._is_found_here(name)}
        if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, _Finder())

    def has(self, name: str) -> bool:
        """Whether the model brings a module; False if the program has imported another one of the name by itself."""
        top = name.partition(".")[0]
        known = sys.modules.get(top)
        return top in self._names and (known is None or _is_below(known, _folders))

    @contextmanager
    def imported(self) -> Iterator[None]:
        """In this block, imports find the modules of this model. Only one thread at a time can be in such a block."""
        with _lock:
            outer = _current[-1] if _current else None
            if outer is self:
                yield
                return
            if outer:
                outer._keep()
            _current.append(self)
            self._show()
            try:
                yield
            finally:
                self._keep()
                _current.pop()
                if outer:
                    outer._show()

    def find(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """The spec of a module in one of the folders of ``path``; by default, in the model's folder."""
        loaders: list[tuple[Any, list[str]]] = [
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (partial(_Source, self.builtins), SOURCE_SUFFIXES),
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        ]
        specs = (FileFinder(str(place), *loaders).find_spec(name) for place in path or [str(self._folder)])
        return next((spec for spec in specs if spec), None)

    def function(
        self, code: CodeType, variables: dict[str, Any], name: str | None, defaults: Any, closure: Any
    ) -> FunctionType:
        """A function of a pickle that imports the model's own modules."""
        variables["__builtins__"] = self.builtins
        return FunctionType(code, variables, name, defaults, closure)

    def _is_found_here(self, name: str) -> bool:
        found = self.find(name, None)
        if found is None or found.loader:
            return found is not None
        elsewhere = PathFinder.find_spec(name)  # a folder of data does not hide a package of its name
        return elsewhere is None or elsewhere.origin is None

    def _show(self) -> None:
        """Make this model's modules those that the import system knows."""
        for name in self._named():
            if _is_below(sys.modules[name], _folders):
                del sys.modules[name]
        sys.modules.update({name: module for name, module in self._modules.items() if self.has(name)})

    def _keep(self) -> None:
        self._modules = {
            name: sys.modules[name] for name in self._named() if _is_below(sys.modules[name], {self._folder})
        }

    def _named(self) -> list[str]:
        """The modules that the import system knows, of the names of this model's."""
        return [name for name in list(sys.modules) if name.partition(".")[0] in self._names]

    def _import(
        self,
        name: str,
        variables: Mapping[str, Any] | None = None,
        local: Mapping[str, Any] | None = None,
        wanted: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        full = name if not level else str((variables or {}).get("__package__") or "")
        if not self.has(full):
            return builtins.__import__(name, variables, local, wanted, level)
        with self.imported():
            return builtins.__import__(name, variables, local, wanted, level)


@forks.in_child
def _renew() -> None:
    """A thread of the parent may have held the lock."""
    global _lock
    _lock = threading.RLock()
    _current.clear()


def _is_below(module: object, folders: set[Path]) -> bool:
    places = (getattr(module, "__file__", None), *getattr(module, "__path__", ()))
    return any(not folders.isdisjoint(Path(place).parents) for place in places if place)


class _Source(SourceFileLoader):
    """Loads a module whose imports find the modules of its model."""

    def __init__(self, names: dict[str, Any], fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._names = names

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self._names
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        own = _current[-1] if _current else None
        return own.find(fullname, path) if own and own.has(fullname) else None
