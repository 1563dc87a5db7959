"""Shows on a terminal that something takes its time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_DELAY, _STEP = 1.0, 0.5  # seconds


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show ``what`` and the seconds so far while the block runs, from one second on.

    Nothing is shown if standard error is not a terminal.
    """
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_show, args=(what, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _show(what: str, ended: threading.Event) -> None:
    start, pause = time.monotonic(), _DELAY
    while not ended.wait(pause):
        pause = _STEP
        # The cursor goes back to the start of the line, so that a log message replaces it.
        _write(f"{what}… {time.monotonic() - start:.0f} s\r")
    if pause == _STEP:
        _write("")


def _write(text: str) -> None:
    sys.stderr.write(f"\x1b[2K{text}")
    sys.stderr.flush()
