"""Runs several processes that do the same work. Their parent starts them, and replaces those that die."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mlyard.core import forks
from mlyard.core.log import logger

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
TOO_SOON_SECONDS = 5.0
"""A process that dies within this time is considered to have failed at its start."""

_log = logger("hosting")


def supervise(count: int, work: Callable[[], None], stop_listening: Callable[[], None]) -> int:
    """Run ``work`` in ``count`` forked processes until SIGTERM or SIGINT; returns the exit status.

    ``stop_listening`` closes this process's copy of the listening socket when the processes are told to stop. New
    connections are then refused; otherwise they would wait for an answer that never comes.
    A process that dies is replaced. If one dies right after its start, all are stopped, because a new one would fail
    in the same way. The caller must not have started threads.
    """
    return _Supervisor(count, work, stop_listening).run()


class _Supervisor:
    def __init__(self, count: int, work: Callable[[], None], stop_listening: Callable[[], None]) -> None:
        self._count = count
        self._work = work
        self._stop_listening = stop_listening
        self._started: dict[int, float] = {}
        self._stopping = False
        self._status = 0

    def run(self) -> int:
        for number in _SIGNALS:
            signal.signal(number, self._stop)
        while not self._stopping or self._started:
            while len(self._started) < self._count and not self._stopping:
                self._start()
            self._reap()
        return self._status

    def _start(self) -> None:
        # Signals are blocked until the child is recorded, and until the child no longer has its parent's handlers.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        if not self._stopping:  # a signal may have arrived just before they were blocked
            pid = forks.start(lambda: _child(self._work))
            self._started[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _reap(self) -> None:
        pid, status = os.wait()
        started = self._started.pop(pid, None)
        # The first process of a container is also the parent of every process whose own parent has ended.
        if started is None or self._stopping:
            return
        code = os.waitstatus_to_exitcode(status)
        _log.error("Server process %d exited with status %d", pid, code)
        if time.monotonic() - started < TOO_SOON_SECONDS:
            self._status = 1
            self._stop()

    def _stop(self, *_: Any) -> None:
        if not self._stopping:
            self._stopping = True
            self._stop_listening()
        for pid in list(self._started):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _child(work: Callable[[], None]) -> int:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    try:
        work()
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the process ends here and must not continue with its parent's code
        if not hasattr(error, "error_code"):
            traceback.print_exc()
        print(f"mlyard: {error}", file=sys.stderr, flush=True)
        return 1
    return 0
