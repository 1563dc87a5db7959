"""A command as a process group of its own, so that it can be ended together with all that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.domain.runs import FAILED, FINISHED, KILLED
from mlyard.projects.output import Output

GRACE_SECONDS = 5.0
"""How long a command may take to end after each signal, before it is killed."""

_LEFT_SECONDS = 3.0
# Waits until the process at the other end of its standard input has ended, and then ends a group.
_GUARD = 'read -r _; kill -s TERM -- "-$1"; sleep 5; kill -s KILL -- "-$1"'
_ENDED_BY_SOMEBODY = (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM)


class ProcessGroup:
    """A running command. Its output is kept in ``log``, and shown unless ``quiet``."""

    def __init__(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, *, quiet: bool = False
    ) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - an argument list; no value is text for a shell
                arguments,
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise InvalidParameter(f"The project's command cannot be started: {error}") from None
        self._ended = threading.Event()
        try:
            self._guard = self._guarded()
            assert self._process.stdout is not None
            assert self._process.stderr is not None
            self._output = Output(self._process.stdout, self._process.stderr, log, quiet=quiet)
        except BaseException:
            self.kill()
            self._process.wait()
            raise

    def _guarded(self) -> subprocess.Popen[bytes]:
        """A process that ends the command if this process is killed."""
        return subprocess.Popen(  # noqa: S603 - our own command
            ["sh", "-c", _GUARD, "sh", str(self._process.pid)],  # noqa: S607 - POSIX
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self) -> int:
        """Wait until the command ends, end what it has left running, and return its status as subprocess does."""
        code = self._process.wait()
        self._end_rest()
        self._guard.kill()
        self._guard.communicate()
        self._ended.set()
        return code

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal to all processes of the command, then SIGTERM, and kill those that are still left.

        Another thread must be in ``wait``.
        """
        for each in dict.fromkeys((number, signal.SIGTERM)):
            if self._ended.is_set():
                return
            self._send(each)
            self._ended.wait(GRACE_SECONDS)
        self.kill()
        self._ended.wait()

    def kill(self) -> None:
        """Kill all processes of the command, unless it has ended: its id may be that of another process by then."""
        if not self._ended.is_set():
            self._send(signal.SIGKILL)

    def _end_rest(self) -> None:
        if self._send(signal.SIGTERM):
            self._output.join(_LEFT_SECONDS)
            self._send(signal.SIGKILL)
        # A process that has left the group may still hold the streams: its output is not waited for.
        if self._output.join(_LEFT_SECONDS):
            for stream in (self._process.stdout, self._process.stderr):
                assert stream is not None
                stream.close()

    def _send(self, number: signal.Signals) -> bool:
        """Signal the group; False if it has no process left."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
            return True
        return False


def status_of(code: int) -> str:
    """The status of a run whose command ended with this status, or by a signal (which a shell reports as 128 + n)."""
    if code == 0:
        return FINISHED
    number = -code if code < 0 else code - 128
    return KILLED if number in _ENDED_BY_SOMEBODY else FAILED


def explanation(code: int) -> str:
    """How a command ended, for people."""
    number = -code if code < 0 else code - 128
    with suppress(ValueError):
        return f"was ended by {signal.Signals(number).name}"
    return f"exited with status {code}"
