"""How far a migration is: a bar on a terminal, else a line in the log now and then."""

from __future__ import annotations

import sys
import time

from mlyard.core.log import logger

_DELAY = 1.0
_BETWEEN_LINES = 10.0
_WIDTH = 24
_log = logger("stores.sql.migrations")


class Progress:
    """Nothing is shown of a migration that takes less than a second."""

    def __init__(self, what: str) -> None:
        """``what``: what is done, for people to read."""
        self._what = what
        self._next = time.monotonic() + _DELAY
        self._on_terminal = sys.stderr.isatty()
        self._shown = False

    def tell(self, done: int, total: int) -> None:
        """Show how many of how many are done."""
        if time.monotonic() < self._next and not (self._shown and done == total):
            return
        share = f"{done / total if total else 1:4.0%}  {done:,} of {total:,}"
        if self._on_terminal:
            bar = "█" * round(done / max(1, total) * _WIDTH)
            sys.stderr.write(f"\r{self._what} {bar:<{_WIDTH}} {share}" + ("\n" if done == total else ""))
            sys.stderr.flush()
        else:
            _log.warning("%s: %s", self._what, share.strip())
            self._next = time.monotonic() + _BETWEEN_LINES
        self._shown = True
