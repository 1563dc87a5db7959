"""The public callables, by the names that users write."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

import mlyard
from mlyard import artifacts, models, projects, pyfunc, sklearn

Callables = dict[str, Callable[..., Any]]


def public_callables() -> Callables:
    """Functions and classes of mlyard and its main modules, and the client's methods; each under its first name."""
    return _first_names(_candidates())


def public_modules() -> dict[str, Callables]:
    """The functions and classes of all public modules, by module; each under its first name."""
    found: dict[str, Callables] = {}
    for name, value in _first_names(_names_below(mlyard)).items():
        found.setdefault(name.rpartition(".")[0], {})[name] = value
    return found


def _first_names(candidates: Iterable[tuple[str, Any]]) -> Callables:
    found: Callables = {}
    for name, value in candidates:
        another = isinstance(value, type) and value.__name__ != name.rpartition(".")[2]  # such as MlflowClient
        if callable(value) and not another and value not in found.values():
            found[name] = value
    return found


def _candidates() -> Iterator[tuple[str, Any]]:
    for name in mlyard.__all__:
        yield f"mlyard.{name}", getattr(mlyard, name)
    for name, method in inspect.getmembers(mlyard.MlyardClient, inspect.isfunction):
        if not name.startswith("_"):
            yield f"mlyard.MlyardClient.{name}", method
    for module in (artifacts, models, projects, pyfunc, sklearn):
        for name in names_of(module):
            yield f"{module.__name__}.{name}", getattr(module, name)


def _names_below(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The names of a module, then those of the modules that it makes public."""
    values = [(f"{module.__name__}.{name}", getattr(module, name)) for name in names_of(module)]
    yield from values
    for name, value in values:
        if isinstance(value, ModuleType) and value.__name__ == name:
            yield from _names_below(value)


def names_of(module: ModuleType) -> list[str]:
    """The names that a module makes public."""
    if module is artifacts:
        return list(artifacts._FUNCTIONS)
    return list(getattr(module, "__all__", ()))
