"""Locks among the processes of this machine."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(file: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the exclusive lock of a file, which is created if necessary. A killed process releases its locks.

    Raises BlockingIOError if another process holds it and ``wait`` is false.
    """
    with file.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
