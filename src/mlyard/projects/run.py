"""Runs a project: executes its command in its folder and logs it as a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from mlyard.client.client import MlyardClient
from mlyard.client.context import context_tags
from mlyard.client.fluent import set_experiment
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, ProjectFailed
from mlyard.core.log import logger
from mlyard.domain.experiments import DEFAULT_EXPERIMENT_ID
from mlyard.domain.runs import FAILED, FINISHED, KILLED, RUNNING, TAG_SOURCE_NAME, TAG_SOURCE_TYPE, Param
from mlyard.projects.mlproject import Project, python_first_on_path, read_project

__all__ = ["run"]

_log = logger("projects")
_REMOTE = ("http://", "https://", "git@", "ssh://", "git://", "file://")


class SubmittedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A project's run and how it ended."""

    run_id: str
    status: str


def run(
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    env_manager: str = "local",
    run_id: str | None = None,
    run_name: str | None = None,
) -> SubmittedRun:
    """Run an entry point of a project as a run, and wait until its command ends.

    The command runs in the project's folder. Its environment names the tracking server and the run to log to.

    Args:
        uri: The project's folder. Projects in git are not supported yet.
        entry_point: The name of an entry point of the MLproject file, or of a ``.py`` or ``.sh`` file in the folder.
            Default: ``"main"``.
        version: A git version. Not supported yet: any value but None is an error. Default: None.
        parameters: Values of the entry point's parameters by name, logged as params of the run. Parameters that the
            entry point does not declare are appended to the command as ``--name value``. Default: none but the
            defaults in the MLproject file.
        experiment_name: The experiment of the run, created if it does not exist. Default: None.
        experiment_id: The same by ID. Default: the one in ``MLYARD_EXPERIMENT_ID``, else ``Default``.
        env_manager: The environment of the command: ``"local"`` is the current one. Others are not supported yet.
            Default: ``"local"``.
        run_id: An existing run to use. Default: create one.
        run_name: The name of the new run. Default: a random one.

    Returns:
        The run's ID (``run_id``) and how it ended (``status``).

    Raises:
        DoesNotExist: There is no project, entry point, experiment or run of this name. Nothing was run.
        InvalidParameter: An argument or the MLproject file is invalid, or not supported yet. Nothing was run.
        ProjectFailed: The command ended with a status other than 0. The run is marked FAILED.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> Path("project").mkdir()
        >>> train = "import sys, mlyard; mlyard.log_metric('rmse', float(sys.argv[2]) / 2)"
        >>> _ = Path("project", "train.py").write_text(train)
        >>> done = mlyard.run("project", entry_point="train.py", parameters={"alpha": 0.5})
        >>> done.status, mlyard.get_run(done.run_id).data.metrics
        ('FINISHED', {'rmse': 0.25})
    """
    _check_supported(uri, version, env_manager)
    project = read_project(Path(uri))
    point = project.entry_point(entry_point)
    values = point.resolve({str(name): str(value) for name, value in (parameters or {}).items()})
    command = point.command_line(values)
    client = MlyardClient()
    experiment = _experiment(client, experiment_name, experiment_id)
    run_id = run_id or _create(client, project, entry_point, experiment, run_name)
    client.log_batch(run_id, params=[Param(key=name, value=value) for name, value in values.items()])
    return SubmittedRun(run_id=run_id, status=_execute(client, project, command, run_id, experiment))


def _check_supported(uri: str, version: str | None, env_manager: str) -> None:
    if version or "#" in uri or uri.startswith(_REMOTE):
        raise InvalidParameter(f"The project {uri!r} is not a local folder; projects in git are not supported yet.")
    if env_manager != "local":
        raise InvalidParameter(f"The environment manager {env_manager!r} is not supported yet: use local.")


def _experiment(client: MlyardClient, name: str | None, experiment_id: str | None) -> str:
    if name and experiment_id:
        raise InvalidParameter("Specify only one of 'experiment_name' and 'experiment_id'.")
    if name:
        return set_experiment(name).experiment_id
    return client.get_experiment(experiment_id or settings.EXPERIMENT_ID.get() or DEFAULT_EXPERIMENT_ID).experiment_id


def _create(client: MlyardClient, project: Project, entry_point: str, experiment: str, name: str | None) -> str:
    tags = {
        **context_tags(),
        TAG_SOURCE_NAME: str(project.folder),
        TAG_SOURCE_TYPE: "PROJECT",
        "mlflow.project.entryPoint": entry_point,
        "mlflow.project.backend": "local",
    }
    if project.environment:
        tags["mlflow.project.env"] = project.environment.removesuffix("_env")
    return client.create_run(experiment, tags=tags, run_name=name).info.run_id


def _execute(client: MlyardClient, project: Project, command: str, run_id: str, experiment: str) -> str:
    _log.info("Run %s: %s", run_id, command)
    environment = {**os.environ, **_variables(client, run_id, experiment)}
    environment["PATH"] = os.pathsep.join([python_first_on_path(), os.environ.get("PATH", "")])
    status = FAILED
    try:
        code = subprocess.run(["bash", "-c", command], cwd=project.folder, env=environment, check=False).returncode  # noqa: S603, S607 - the project's own command; its values are quoted
        status = FINISHED if code == 0 else FAILED
    except KeyboardInterrupt:
        status = KILLED
        raise
    finally:
        # The command's own client may have ended the run already, but only this process knows that the command failed.
        if status != FINISHED or client.get_run(run_id).info.status == RUNNING:
            client.set_terminated(run_id, status)
    if code != 0:
        raise ProjectFailed(f"The run {run_id} failed: its command exited with status {code}: {command}")
    return status


def _variables(client: MlyardClient, run_id: str, experiment: str) -> dict[str, str]:
    """Environment variables for the command's client, with absolute paths because it runs in another folder."""
    uri = client.tracking_uri
    if uri.startswith("sqlite:///") and not uri.startswith("sqlite:////"):
        uri = f"sqlite:///{Path(uri.removeprefix('sqlite:///')).resolve()}"
    elif "://" not in uri:
        uri = str(Path(uri).resolve())
    artifacts = str(Path(settings.ARTIFACTS_DESTINATION.get()).resolve())
    values = {
        "TRACKING_URI": uri,
        "RUN_ID": run_id,
        "EXPERIMENT_ID": experiment,
        "ARTIFACTS_DESTINATION": artifacts,
    }
    return {f"{prefix}_{name}": value for name, value in values.items() for prefix in ("MLYARD", "MLFLOW")}
