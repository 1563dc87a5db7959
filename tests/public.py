"""The public callables, by the names that users write."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import mlyard
from mlyard import artifacts, models, pyfunc, sklearn


def public_callables() -> dict[str, Callable[..., Any]]:
    """Functions and classes of mlyard and its main modules, and the client's methods; each under its first name."""
    found: dict[str, Callable[..., Any]] = {}
    for name, value in _candidates():
        if callable(value) and value not in found.values():
            found[name] = value
    return found


def _candidates() -> Iterator[tuple[str, Any]]:
    # MlflowClient is another name of the class, and would come first.
    yield "mlyard.MlyardClient", mlyard.MlyardClient
    for name in mlyard.__all__:
        yield f"mlyard.{name}", getattr(mlyard, name)
    for name, method in inspect.getmembers(mlyard.MlyardClient, inspect.isfunction):
        if not name.startswith("_"):
            yield f"mlyard.MlyardClient.{name}", method
    for module, names in (
        (artifacts, artifacts._FUNCTIONS),
        (models, models.__all__),
        (pyfunc, pyfunc.__all__),
        (sklearn, sklearn.__all__),
    ):
        for name in names:
            yield f"{module.__name__}.{name}", getattr(module, name)
