"""Imports on first use: mlyard stays light, and a missing library is reported with the extra that installs it."""

from __future__ import annotations

import importlib
from types import ModuleType

from mlyard.core.errors import MlyardError


class MissingExtra(MlyardError, ImportError):
    """An optional library is not installed."""

    error_code = "BAD_REQUEST"
    status = 400


def need(module: str, extra: str) -> ModuleType:
    """Import ``module``. If it is not installed, raises MissingExtra with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.split(".", maxsplit=1)[0] == error.name.split(".")[0]:
            raise MissingExtra(f"{module!r} is not installed. Install it with: pip install 'mlyard[{extra}]'") from None
        raise
