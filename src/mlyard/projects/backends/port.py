"""What a backend is: it runs the command of a project's run, on this machine or on another one."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from mlyard.client.client import MlyardClient
from mlyard.domain.runs import RUNNING, SCHEDULED
from mlyard.projects.address import Address
from mlyard.projects.entry_points import EntryPoint
from mlyard.projects.environment import EnvChoice
from mlyard.projects.fetch import Source
from mlyard.projects.mlproject import Project
from mlyard.projects.tags import TAG_FAILURE


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to run. ``source`` must be discarded when all runs of the job have ended.

    ``uri`` and ``version`` are as the caller gave them, and may contain a password; ``address`` is what they mean.
    ``backend``: its name; ``config``: what the caller tells it.
    """

    uri: str
    version: str | None
    address: Address
    source: Source
    project: Project
    point: EntryPoint
    environment: EnvChoice
    storage: Path | None = None
    backend: str
    config: Mapping[str, Any] = {}


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A run that exists, and whose command a backend must run.

    ``values``: all parameters. ``folder``: a temporary folder, which is removed when the run has ended. ``quiet``: what
    the command prints is not shown.
    """

    client: MlyardClient
    job: Job
    run_id: str
    experiment: str
    values: Mapping[str, str]
    folder: Path
    quiet: bool = False


class Ending(msgspec.Struct, frozen=True):
    """How a process ended: the status of its run, and the reason if it is not FINISHED."""

    status: str
    reason: str | None = None


def recorded_end(client: MlyardClient, run_id: str) -> Ending | None:
    """The end of a run that its own program has recorded; None if it has not ended."""
    run = client.get_run(run_id)
    return None if run.info.status in {RUNNING, SCHEDULED} else Ending(run.info.status, run.data.tags.get(TAG_FAILURE))


class Process(Protocol):
    """A command that runs somewhere."""

    @property
    def id(self) -> str | None:
        """The backend's own name for it, which becomes a tag of the run; None if it has none."""

    def wait(self) -> Ending:
        """Wait until it has ended."""

    def stop(self, number: signal.Signals) -> None:
        """End it with all that it has started, and return when it has ended. Another thread is in ``wait``."""

    def kill(self) -> None:
        """End it at once. The caller does not wait any longer."""


class Backend(Protocol):
    """A way to run the commands of projects."""

    def check(self, job: Job, tracking_uri: str) -> None:
        """Raise InvalidParameter if the job cannot be run; no run exists yet."""

    def submit(self, task: Task) -> Process:
        """Start the command of a run. Raises MlyardError, which ends the run as FAILED with this reason."""
