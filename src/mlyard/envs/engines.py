"""The programs that build images and run containers."""

from __future__ import annotations

import shutil

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter

_ENGINES = ("docker", "podman")


def find_engine(purpose: str, otherwise: str) -> str:
    """The path of docker or podman, or of the one that MLYARD_CONTAINER_ENGINE names.

    ``purpose`` and ``otherwise`` are sentences about what it is for, and what else can be done, for the error.
    Raises InvalidParameter when it is not installed.
    """
    chosen = settings.CONTAINER_ENGINE.get()
    if chosen and chosen not in _ENGINES:
        raise InvalidParameter(f"MLYARD_CONTAINER_ENGINE is {chosen!r}: use {' or '.join(_ENGINES)}.")
    names = (chosen,) if chosen else _ENGINES
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing = f"{chosen} is not installed" if chosen else f"Neither {' nor '.join(_ENGINES)} is installed"
    raise InvalidParameter(f"{missing}: {purpose} needs it. Install it, or {otherwise}.")
