"""The backend ``ray``: a job of a Ray cluster. The project's folder is uploaded; the cluster must have mlyard."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.lazy import need
from mlyard.domain.runs import FAILED, FINISHED, KILLED
from mlyard.projects.backends.config import Waiting, typed
from mlyard.projects.backends.following import Followed, State
from mlyard.projects.backends.handover import (
    COMMAND,
    check_tracking,
    handed_over,
    is_of_this_machine,
    tracking_variables,
)
from mlyard.projects.backends.port import Ending, Job, Task
from mlyard.projects.fetch import check_links

_ENDINGS = {"SUCCEEDED": FINISHED, "FAILED": FAILED, "STOPPED": KILLED}


class RayConfig(Waiting, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What can be configured. ``address``: the cluster; without one, RAY_ADDRESS, or a cluster on this machine.

    ``cpus``, ``gpus``, ``memory`` (in bytes) and ``resources``: what Ray reserves for the command.
    """

    address: str | None = None
    cpus: float | None = None
    gpus: float | None = None
    memory: int | None = None
    resources: Mapping[str, float] = {}


class RayBackend:
    """Runs commands as jobs of a Ray cluster."""

    def check(self, job: Job, tracking_uri: str) -> None:
        """Raise InvalidParameter for an invalid config, and if the cluster cannot be reached or must not get a file."""
        config = typed(job.config, RayConfig, "ray")
        check_links(job.source.folder, job.source.name)  # Ray would upload what they lead to
        client = _client(config)
        check_tracking(tracking_uri, config, "ray", is_same_machine=is_of_this_machine(client.get_address()))

    def submit(self, task: Task) -> Followed:
        """Upload the project, and submit a job that continues the run."""
        config = typed(task.job.config, RayConfig, "ray")
        client = _client(config)
        variables = {**tracking_variables(task, config), **handed_over(task, ".", None)}
        with _explained():
            number = client.submit_job(
                entrypoint=shlex.join([config.python or "python", *COMMAND]),
                runtime_env={"working_dir": str(task.job.source.folder), "env_vars": variables},
                metadata={"mlyard_run_id": task.run_id},
                entrypoint_num_cpus=config.cpus,
                entrypoint_num_gpus=config.gpus,
                entrypoint_memory=config.memory,
                entrypoint_resources=dict(config.resources) or None,
            )
        return Followed(task, RayJob(client, number), config)


class RayJob:
    """A job of a Ray cluster."""

    def __init__(self, client: Any, number: str) -> None:
        self.id = number
        self._client = client

    def state(self) -> State | None:
        """Its state, which Ray keeps for as long as the cluster runs."""
        try:
            with _explained():
                info = self._client.get_job_info(self.id)
        except MlyardError as error:
            if "404" in error.message:
                return None
            raise
        name = str(info.status.value)
        has_own_end = info.driver_exit_code is not None
        ending = Ending(_ENDINGS[name], self._reason(name, info.message)) if name in _ENDINGS else None
        return State(text=name, has_started=name != "PENDING", ending=ending, has_own_end=has_own_end)

    def _reason(self, name: str, message: str | None) -> str | None:
        return None if name == "SUCCEEDED" else f"The job {self.id} is {name}: {(message or '').strip()[:1000]}"

    def output(self) -> str:
        """What it has printed."""
        with _explained():
            return str(self._client.get_job_logs(self.id))

    def cancel(self) -> None:
        """Have Ray end it: SIGTERM, and after three seconds SIGKILL."""
        with _explained():
            self._client.stop_job(self.id)

    def discard(self) -> None:
        """Ray keeps what it knows of the job."""


def _client(config: RayConfig) -> Any:
    submission: Any = need("ray.job_submission", "ray")
    try:
        return submission.JobSubmissionClient(config.address)
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = repr(config.address) if config.address else "RAY_ADDRESS or this machine"
        raise InvalidParameter(
            f"There is no Ray cluster at {where}: start one with `ray start --head`, or name its dashboard as "
            f"'address' in the backend config, such as http://host:8265. Ray says: {str(error)[:500]}"
        ) from None


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        raise MlyardError(f"Ray cannot be reached or refuses the job: {str(error).strip()[:1000]}") from None
