"""A project's run as its caller holds it: wait for it, cancel it, ask how it is."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mlyard.core import forks
from mlyard.core.errors import InvalidState
from mlyard.core.log import logger
from mlyard.domain.runs import FAILED, FINISHED, KILLED, RUNNING
from mlyard.projects.backends.port import Ending, Process

__all__ = ["SubmittedRun"]

Finish = Callable[[str, str | None], str]
INTERRUPTED = "The run was interrupted."
_log = logger("projects")
_unfinished: weakref.WeakSet[SubmittedRun] = weakref.WeakSet()
# A forked child does not interrupt what its parent has started.
forks.in_child(_unfinished.clear)


class SubmittedRun:
    """A project's run that was started by ``mlyard.projects.run``.

    ``run_id`` is the id of the run. A program that ends while the command of a run is running waits for it; if it is
    interrupted meanwhile, the command is ended.

    Args:
        run_id: The id of the run.
        process: Its command.
        finish: Records the end of the run, given its status and the reason of a failure; returns the final status.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> Path("project").mkdir()
        >>> _ = Path("project", "train.py").write_text("import mlyard; mlyard.log_metric('rmse', 0.25)")
        >>> submitted = mlyard.projects.run("project", entry_point="train.py", synchronous=False)
        >>> submitted.wait(), submitted.get_status()
        (True, 'FINISHED')
    """

    def __init__(self, run_id: str, process: Process, finish: Finish) -> None:
        self.run_id = run_id
        self.failure: str | None = None
        self._status = RUNNING
        self._process, self._finish = process, finish
        self._cancelled = False
        self._started_by = os.getpid()
        self._ended = threading.Event()
        _unfinished.add(self)
        # Not a daemon: a program that ends waits for it.
        threading.Thread(target=self._watch, name=f"mlyard-project-{run_id[:8]}").start()

    @property
    def status(self) -> str:
        """The status of the run, as ``get_status`` returns it."""
        return self._status

    def get_status(self) -> str:
        """Return the status of the run.

        Returns:
            ``"RUNNING"``, ``"FINISHED"``, ``"FAILED"`` or ``"KILLED"``.
        """
        return self._status

    def wait(self) -> bool:
        """Wait until the run has ended.

        Returns:
            Whether the command succeeded.

        Raises:
            InvalidState: Another process has started the run: this one was forked from it.
        """
        self._check_process()
        self._ended.wait()
        return self._status not in {FAILED, KILLED}

    def cancel(self) -> None:
        """End the command and all processes that it has started, and wait until the run is KILLED.

        They get SIGTERM, and are killed if they have not ended after five seconds. Does nothing if the run has ended.

        Raises:
            InvalidState: Another process has started the run: this one was forked from it.
        """
        self._stop(signal.SIGTERM)

    def _stop(self, number: signal.Signals) -> None:
        self._check_process()
        if self._ended.is_set():
            return
        self._cancelled = True
        try:
            self._process.stop(number)
        except BaseException:  # a second Ctrl-C
            self._process.kill()
            raise
        finally:
            self._ended.wait()

    def _check_process(self) -> None:
        """Refuse to wait for ever: only the process that started the command has the thread that watches it."""
        if os.getpid() != self._started_by and not self._ended.is_set():
            raise InvalidState(
                f"The process {self._started_by} started the run {self.run_id!r}, and this process was forked from it: "
                "wait for the run or cancel it there."
            )

    def interrupt(self) -> None:
        """End the command as Ctrl-C in its terminal would, and wait until the run is KILLED."""
        self._stop(signal.SIGINT)

    def _ending(self) -> Ending:
        try:
            ending = self._process.wait()
        except Exception as error:  # noqa: BLE001 - the backend of another package may raise anything
            _log.exception("The run %s cannot be followed any longer", self.run_id)
            ending = Ending(FAILED, f"The run cannot be followed any longer: {error!r}")
        return Ending(KILLED, INTERRUPTED) if self._cancelled else ending

    def _watch(self) -> None:
        status, reason = FAILED, None
        try:
            ending = self._ending()
            status, reason = ending.status, ending.reason
            self.failure = reason
            status = self._finish(status, reason)
            if status != FINISHED and reason is None:
                self.failure = f"Its code has ended it as {status}."
        except Exception:  # noqa: BLE001 - a thread ends here; it logs
            _log.exception("The end of the run %s could not be recorded", self.run_id)
        finally:
            self._status = status
            _unfinished.discard(self)
            self._ended.set()


def _end_unfinished() -> None:
    """An interrupted program does not wait any longer for the runs that it has started: it ends them."""
    for run in list(_unfinished):
        run.interrupt()


atexit.register(_end_unfinished)


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """SIGTERM and SIGHUP end this process as Ctrl-C does. In other threads than the main one, nothing changes.

    A signal that is ignored, as SIGHUP is below nohup, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    heeded = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
