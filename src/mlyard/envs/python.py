"""The Python version of an environment."""

from __future__ import annotations

import sys

from mlyard.core.log import logger

OLDEST = "3.10"
"""The oldest version that mlyard supports."""
_log = logger("envs")


def version_for(python: str | None) -> str:
    """The Python version for a spec: the requested one, or the oldest that mlyard supports if that is newer."""
    if python is None:
        return this()
    if _number(python) < _number(OLDEST):
        _log.warning("mlyard does not support Python %s; using %s instead.", python, OLDEST)
        return OLDEST
    return python


def this() -> str:
    """The version of the running interpreter."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _number(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split("."))
