"""A progress bar for transfers, on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from mlyard.core import settings

_DELAY = 1.0
_INTERVAL = 0.1
_WIDTH = 24


class Progress:
    """A line on standard error after one second of transfer. Nothing is shown if standard error is not a terminal."""

    def __init__(self, what: str, files: int, size: int) -> None:
        self._what, self._files, self._size = what, files, size
        self._done_files = self._done = 0
        self._lock = threading.Lock()
        self._on = sys.stderr.isatty() and settings.ENABLE_ARTIFACTS_PROGRESS_BAR.get()
        self._next = time.monotonic() + _DELAY
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._shown:
            self._show()
            sys.stderr.write("\n")

    def advance(self, size: int) -> None:
        """Count transferred bytes."""
        with self._lock:
            self._done += size
            self._tick()

    def file_done(self) -> None:
        """Count a completed file."""
        with self._lock:
            self._done_files += 1
            self._tick()

    def _tick(self) -> None:
        if self._on and time.monotonic() >= self._next:
            self._next = time.monotonic() + _INTERVAL
            self._shown = True
            self._show()

    def _show(self) -> None:
        share = min(1.0, self._done / self._size if self._size else self._done_files / max(1, self._files))
        bar = "█" * round(share * _WIDTH)
        megabytes = f"{self._done / 1e6:,.0f} of {self._size / 1e6:,.0f} MB"
        files = f"{self._done_files} of {self._files} files"
        sys.stderr.write(f"\r{self._what} {bar:<{_WIDTH}} {share:4.0%}  {megabytes}, {files}")
        sys.stderr.flush()
