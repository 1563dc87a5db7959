"""Backends that other packages provide for MLflow, behind the entry points ``mlflow.project_backend``.

They fetch the project, create the run and start the command themselves.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from mlyard.client.backends import fixed_uri
from mlyard.client.client import MlyardClient
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.domain.runs import FAILED, FINISHED, KILLED
from mlyard.projects.backends.port import Ending, Job, recorded_end

# MLflow passes what is not an argument of its own by these keys of the config.
_RUN_ID = "_mlflow_local_backend_run_id"


class PluginBackend:
    """A backend written for MLflow: an object with the method ``run``."""

    def __init__(self, name: str, plugin: Any) -> None:
        self.name, self._plugin = name, plugin

    def check(self, job: Job, tracking_uri: str) -> None:
        """The plugin checks its config itself."""

    def start(
        self, client: MlyardClient, job: Job, experiment: str, values: Mapping[str, str], run_id: str | None
    ) -> PluginProcess:
        """Have the plugin run the job. Raises MlyardError with the name of the plugin if it fails."""
        choice = job.environment
        config = {
            **job.config,
            "ENV_MANAGER": choice.manager,
            "SYNCHRONOUS": False,
            "DOCKER_ARGS": dict(choice.docker_args),
            "STORAGE_DIR": str(job.storage) if job.storage else None,
            "build_image": choice.build_image,
            "docker_auth": None,
            **({_RUN_ID: run_id} if run_id else {}),
        }
        try:
            submitted = self._plugin.run(
                job.uri, job.point.name, dict(values), job.version, config, fixed_uri(client.tracking_uri), experiment
            )
        except MlyardError:
            raise
        except Exception as error:
            raise MlyardError(f"The backend {self.name!r} cannot run the project: {error!r}") from error
        return PluginProcess(self.name, client, submitted)


class PluginProcess:
    """A run that a plugin of MLflow's has submitted."""

    id = None

    def __init__(self, name: str, client: MlyardClient, submitted: Any) -> None:
        self._name, self._client, self._submitted = name, client, submitted
        run_id = getattr(submitted, "run_id", None)
        if not isinstance(run_id, str) or not run_id:
            raise InvalidParameter(f"The backend {name!r} has returned no run with an id, but {submitted!r}.")
        self.run_id = run_id

    def wait(self) -> Ending:
        """Wait as the plugin does."""
        if self._submitted.wait():
            return Ending(FINISHED)
        status = str(self._submitted.get_status())
        recorded = recorded_end(self._client, self.run_id)
        if recorded and recorded.reason:
            return recorded
        return Ending(KILLED if status == KILLED else FAILED, f"The backend {self._name!r} says that it is {status}.")

    def stop(self, number: signal.Signals) -> None:  # noqa: ARG002 - plugins have one way to end a run
        """Have the plugin cancel the run."""
        self._submitted.cancel()

    def kill(self) -> None:
        """Have the plugin cancel the run."""
        self._submitted.cancel()
