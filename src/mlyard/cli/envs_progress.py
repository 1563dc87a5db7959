"""Progress of the commands of ``mlyard envs``."""

from __future__ import annotations

import sys
import time

_DELAY = 1.0


class Steps:
    """A bar on standard error after one second. Nothing is shown if standard error is not a terminal."""

    def __init__(self, what: str, count: int) -> None:
        self._what, self._count = what, count
        self._done = 0
        self._from = time.monotonic() + _DELAY

    def done(self) -> None:
        """Count a completed step."""
        self._done += 1
        if sys.stderr.isatty() and time.monotonic() >= self._from:
            bar = "█" * round(24 * self._done / self._count)
            end = "\n" if self._done == self._count else "\r"
            sys.stderr.write(f"\r{self._what} {bar:<24} {self._done} of {self._count}{end}")
            sys.stderr.flush()
