"""Imports that happen on first use: light packages stay light, and a missing extra says its name."""

from __future__ import annotations

import importlib
from types import ModuleType

from mlyard.core.errors import MlyardError


class MissingExtra(MlyardError, ImportError):
    """A library of an optional extra is not installed."""

    error_code = "BAD_REQUEST"
    status = 400


def need(module: str, extra: str) -> ModuleType:
    """Import ``module``. Raises MissingExtra with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.split(".", maxsplit=1)[0] == error.name.split(".")[0]:
            raise MissingExtra(f"{module!r} is not installed. Install it with: pip install 'mlyard[{extra}]'") from None
        raise
