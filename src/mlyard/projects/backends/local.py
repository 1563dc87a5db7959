"""The backend ``local``: the command runs on this machine, in the environment that the project names."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mlyard.client import artifact_uris
from mlyard.client.client import MlyardClient
from mlyard.core.errors import InvalidParameter
from mlyard.core.interrupts import uninterrupted
from mlyard.core.log import logger
from mlyard.domain.runs import RunTag
from mlyard.projects.backends.port import Ending, Job, Task
from mlyard.projects.backends.variables import command_variables
from mlyard.projects.environment import Launch, launch
from mlyard.projects.output import LiveArtifact
from mlyard.projects.paths import localized
from mlyard.projects.processes import ProcessGroup, explanation, status_of

LOG_FOLDER, LOG_FILE = "project", "output.log"
_BASIC = {"PYTHONUNBUFFERED": "1"}  # otherwise Python shows what it prints to a pipe only at its end
_log = logger("projects")


class LocalBackend:
    """Runs commands as process groups of this machine."""

    def check(self, job: Job, tracking_uri: str) -> None:  # noqa: ARG002 - every store can be reached from here
        """Raise InvalidParameter for a config: there is nothing to configure."""
        if job.config:
            raise InvalidParameter(f"The backend 'local' has no config, but got {sorted(job.config)[0]!r}.")

    def submit(self, task: Task) -> LocalProcess:
        """Prepare the environment, download what parameters name, and start the command."""
        point = task.job.point
        storage = task.job.storage or task.folder / "storage"
        values = localized(point, task.values, task.job.project.folder, storage, _download)
        made = _environment(task, values)
        log = task.folder / LOG_FILE
        log.touch()
        if not task.quiet:
            _log.info("Run %s: %s", task.run_id, point.shown(values))
        command = [*made.prefix, *point.arguments(values)]
        return _started(task, command, made, log)


def _started(task: Task, command: list[str], made: Launch, log: Path) -> LocalProcess:
    """Start a command. A signal that ends this process meanwhile ends the command too."""
    group = None
    try:
        with uninterrupted():
            group = ProcessGroup(command, task.job.project.folder, made.variables, log, quiet=task.quiet)
            return LocalProcess(task.client, task.run_id, group, log, made.cleanup)
    except BaseException:
        if group:
            group.kill()
            group.wait()
        raise


class LocalProcess:
    """A process group whose output is an artifact of its run."""

    id = None

    def __init__(
        self, client: MlyardClient, run_id: str, group: ProcessGroup, log: Path, cleanup: tuple[str, ...]
    ) -> None:
        self._group, self._cleanup = group, cleanup
        self._was_stopped = False
        self._artifact = LiveArtifact(log, lambda file: client.log_artifact(run_id, file, LOG_FOLDER))

    def wait(self) -> Ending:
        """Wait until the command has ended and its output is uploaded."""
        code = self._group.wait()
        try:
            self._artifact.finish()
        finally:
            if self._cleanup and (code or self._was_stopped):
                subprocess.run(self._cleanup, capture_output=True, check=False)  # noqa: S603 - our own command
        return Ending(status_of(code), f"The command {explanation(code)}." if code else None)

    def stop(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the command, and kill those that do not end."""
        self._was_stopped = True
        self._group.stop(number)

    def kill(self) -> None:
        """Kill all processes of the command."""
        self._group.kill()


def _environment(task: Task, values: Mapping[str, str]) -> Launch:
    """Prepare the command's environment, and record what it is."""
    job, client = task.job, task.client
    paths = [values[each.name] for each in job.point.parameters if each.type == "path"]
    variables = {**_BASIC, **command_variables(client.tracking_uri, task.run_id, task.experiment)}
    made = launch(
        job.project, job.environment, variables,
        run_id=task.run_id, tracking_uri=client.tracking_uri, paths=paths, commit=job.source.commit,
    )  # fmt: skip
    if made.table and not task.quiet:
        _log.info("Packages that differ from what the project asks for:\n%s", made.table)
    for name, text in (("environment.txt", made.table), ("requirements.txt", "\n".join(made.requirements))):
        if text:
            client.log_text(task.run_id, f"{text}\n", f"{LOG_FOLDER}/{name}")
    if made.tags:
        client.log_batch(task.run_id, tags=[RunTag(key=key, value=value) for key, value in made.tags.items()])
    return made


def _download(uri: str, folder: Path) -> str:
    return artifact_uris.download_artifacts(uri, dst_path=folder)
