"""Follows a job that a scheduler runs somewhere else, until it has ended or nobody knows it any more."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.log import logger
from mlyard.domain.runs import FAILED, FINISHED
from mlyard.projects.backends.config import Waiting
from mlyard.projects.backends.port import Ending, Task, recorded_end
from mlyard.projects.output import Shown

JOB_LOG = "project/job.log"
_SECONDS = 120.0
_log = logger("projects")


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a job, as the scheduler calls it; ``ending`` if it has ended.

    ``has_own_end``: the program has ended by itself, so what it has recorded about its run says more than ``ending``.
    """

    text: str
    has_started: bool = False
    ending: Ending | None = None
    has_own_end: bool = False


class QueuedJob(Protocol):
    """A job of a scheduler. All methods may raise MlyardError, if the scheduler cannot be reached."""

    @property
    def id(self) -> str:
        """The scheduler's name for it."""

    def state(self) -> State | None:
        """Its state; None if the scheduler does not know it any more."""

    def output(self) -> str:
        """What it has printed so far."""

    def cancel(self) -> None:
        """Have it ended. Returns before it has."""

    def discard(self) -> None:
        """Remove what was kept of it on this machine."""


class Followed:
    """The process of a run that is a scheduler's job."""

    def __init__(self, task: Task, job: QueuedJob, config: Waiting) -> None:
        self._task, self._job, self._config = task, job, config
        self._changed, self._ended = threading.Event(), threading.Event()
        self._is_abandoned = False
        self._since = self._reached = time.monotonic()
        self._text, self._output = "", ""
        self._stream = Shown(lambda: sys.stdout)

    @property
    def id(self) -> str:
        """The scheduler's name for the job."""
        return self._job.id

    def wait(self) -> Ending:
        """Wait until the job has ended. The run's own record of its end comes first, if the job has made one."""
        try:
            state = self._followed()
            self._show()
            ending = self._recorded(state)
            if ending.status != FINISHED:
                self._keep_output()
            self._job.discard()
            return ending
        finally:
            self._ended.set()

    def stop(self, number: signal.Signals) -> None:  # noqa: ARG002 - schedulers send their own signals
        """Cancel the job, and wait until it has ended. If it cannot be cancelled, it is given up."""
        self._is_abandoned |= not self._cancel()
        self._changed.set()
        self._ended.wait()

    def kill(self) -> None:
        """Cancel the job, and do not wait for its end any longer."""
        self._is_abandoned = True
        self._cancel()
        self._changed.set()

    def _cancel(self) -> bool:
        """Cancel the job; False if that fails."""
        try:
            self._job.cancel()
        except MlyardError as error:
            _log.error("The job %s cannot be cancelled, and may still run: %s", self.id, error.message)
            return False
        return True

    def _followed(self) -> State:
        while not self._is_abandoned:
            state = self._asked()
            if state and state.ending:
                return state
            self._changed.wait(self._config.poll_seconds)
            self._changed.clear()
        return _failed(f"The job {self.id} may still be running.")

    def _asked(self) -> State | None:
        """The state of the job; None if it is not known at the moment."""
        try:
            state = self._job.state()
        except MlyardError as error:
            return self._unreachable(error)
        self._reached = time.monotonic()
        if state is None:
            return _failed(f"The job {self.id} has disappeared.", has_own_end=True)
        self._note(state)
        return self._too_late(state) or state

    def _unreachable(self, error: MlyardError) -> State | None:
        seconds = time.monotonic() - self._reached
        if seconds < self._config.patience_seconds:
            return None
        return _failed(
            f"The state of the job {self.id} has been unknown for {seconds:.0f} seconds, and it may still be running: "
            f"{error.message}",
            has_own_end=True,
        )

    def _too_late(self, state: State) -> State | None:
        limit = self._config.start_seconds
        if limit is None or state.has_started or state.ending or time.monotonic() - self._since < limit:
            return None
        self._cancel()
        return _failed(f"The job {self.id} has not started within {limit:g} seconds: it is {state.text}.")

    def _note(self, state: State) -> None:
        if self._task.quiet:
            return
        if state.text != self._text:
            _log.info("Job %s: %s", self.id, state.text)
            self._text = state.text
        if state.has_started and not state.ending:
            self._show()

    def _show(self) -> None:
        """Show what the job has printed since the last time."""
        try:
            output = self._job.output()
        except MlyardError as error:
            _log.debug("The output of the job %s cannot be read: %s", self.id, error.message)
            return
        if not self._task.quiet:
            self._stream.write(output[len(self._output) :].encode(errors="replace"))
        self._output = output

    def _keep_output(self) -> None:
        """What the job printed may be all that says why it failed."""
        try:
            if self._output:
                self._task.client.log_text(self._task.run_id, self._output, JOB_LOG)
        except MlyardError as error:
            _log.warning("The output of the job %s cannot be kept as an artifact: %s", self.id, error.message)

    def _recorded(self, state: State) -> Ending:
        assert state.ending is not None
        recorded = recorded_end(self._task.client, self._task.run_id)
        if recorded and (state.has_own_end or recorded.status == FINISHED):
            return recorded
        return state.ending


def require(name: str) -> None:
    """Raise InvalidParameter if a command of a scheduler is not installed."""
    if not shutil.which(name):
        raise InvalidParameter(f"The command {name!r} is not installed: run mlyard where it is on the PATH.")


def _failed(reason: str, *, has_own_end: bool = False) -> State:
    return State(text="unknown", ending=Ending(FAILED, reason), has_own_end=has_own_end)


def call(arguments: Sequence[str], *, text: str = "", variables: Mapping[str, str] | None = None) -> str:
    """What a scheduler's command prints. Raises MlyardError if it fails."""
    name = arguments[0]
    try:
        done = subprocess.run(  # noqa: S603 - an argument list
            arguments, input=text, env=variables, capture_output=True, text=True, errors="replace", check=False,
            timeout=_SECONDS, start_new_session=True,  # Ctrl-C is for this process, which then cancels the job
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MlyardError(f"The command {name!r} failed: {error}") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-1000:]
        raise MlyardError(f"The command {name!r} failed with status {done.returncode}: {said}")
    return done.stdout
