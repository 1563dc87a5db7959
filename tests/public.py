"""The public callables, by the names that users write."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import mlyard
from mlyard import artifacts

Callables = dict[str, Callable[..., Any]]


def public_callables() -> Callables:
    """The functions and classes of all public modules, and the client's methods."""
    methods = inspect.getmembers(mlyard.MlyardClient, inspect.isfunction)
    named = {f"mlyard.MlyardClient.{name}": method for name, method in methods if not name.startswith("_")}
    return {name: value for module in public_modules().values() for name, value in module.items()} | named


def public_modules() -> dict[str, Callables]:
    """The functions and classes of all public modules, by module; each under its first name."""
    found: dict[str, Callables] = {}
    for name, value in _first_names().items():
        found.setdefault(name.rpartition(".")[0], {})[name] = value
    return found


def _first_names() -> Callables:
    found: Callables = {}
    for name, value in _names_below(mlyard):
        another = isinstance(value, type) and value.__name__ != name.rpartition(".")[2]  # such as MlflowClient
        if callable(value) and not another and value not in found.values():
            found[name] = value
    return found


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
