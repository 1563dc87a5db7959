"""Which Python an environment gets."""

from __future__ import annotations

import sys

from mlyard.core.log import logger

OLDEST = "3.10"
"""The oldest that mlyard runs on."""
_log = logger("envs")


def wanted(python: str | None) -> str:
    """The version for a spec that asks for ``python``: that one, but not older than mlyard can run on."""
    if python is None:
        return this()
    if _number(python) < _number(OLDEST):
        _log.warning("Python %s is asked for, which mlyard does not run on: %s is taken.", python, OLDEST)
        return OLDEST
    return python


def this() -> str:
    """The version that runs here."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _number(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split("."))
