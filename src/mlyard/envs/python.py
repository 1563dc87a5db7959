"""The Python version of an environment."""

from __future__ import annotations

import sys

from mlyard.core.log import logger

OLDEST = "3.11"
"""The oldest version that mlyard supports."""
OLDEST_OF_ALL = "3.6"
"""The oldest version that is tried for an environment without mlyard."""
NEWEST = "3.14"
"""The newest version that is tried in place of another one."""
_log = logger("envs")


def version_for(python: str | None) -> str:
    """The Python version for a spec: the requested one, or the oldest that mlyard supports if that is newer."""
    if python is None:
        return this()
    if _number(python) < _number(OLDEST):
        _log.warning("mlyard does not support Python %s; using %s instead.", python, OLDEST)
        return OLDEST
    return python


def nearest(python: str | None, oldest: str = OLDEST) -> list[str]:
    """The versions that can take the place of another one, the nearest first, newer ones before older ones."""
    first = python or this()
    wanted = max(_number(first), _number(oldest))
    supported = [f"3.{minor}" for minor in range(_number(oldest)[1], _number(NEWEST)[1] + 1)]
    newer = [version for version in supported if _number(version) > wanted]
    older = [version for version in reversed(supported) if _number(version) < wanted]
    return [".".join(map(str, wanted)), *newer, *older]


def this() -> str:
    """The version of the running interpreter."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _number(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split("."))
