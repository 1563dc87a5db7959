"""``run``: runs a project as a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlyard.client.client import MlyardClient
from mlyard.core.errors import ProjectFailed
from mlyard.projects.backends.local import LOG_FOLDER
from mlyard.projects.backends.port import Job
from mlyard.projects.environment import EnvChoice
from mlyard.projects.jobs import (
    NewRun,
    checked_values,
    discarding,
    experiment_of,
    failing,
    prepare,
    start,
)
from mlyard.projects.submitted import SubmittedRun, signals_interrupt

__all__ = ["run"]


def run(
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    docker_args: Mapping[str, str | bool] | None = None,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    backend: str = "local",
    backend_config: Mapping[str, Any] | str | Path | None = None,
    storage_dir: str | Path | None = None,
    synchronous: bool = True,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str | None = None,
    build_image: bool = False,
    strict_env: bool = False,
    keep_mlflow: bool = False,
) -> SubmittedRun:
    """Run an entry point of a project as a run.

    The command runs in the project's folder. Its environment variables name the tracking server and the run, so that
    what it logs belongs to this run. Its output is shown, and kept as the artifact ``project/output.log``.

    Args:
        uri: A folder, a git repository (``https://…``, ``ssh://…``, ``git@host:path``, ``file://…``, ``github.com/…``)
            or a zip file (a path, or an ``https://`` address). ``#folder`` at the end names a folder in it.
        entry_point: An entry point of the MLproject file, or a ``.py`` or ``.sh`` file. Default: ``"main"``.
        version: A branch, tag or commit of a git repository. Default: its default branch; a folder as it is.
        parameters: Values of parameters, logged as params. Those that the entry point does not declare are appended to
            the command as ``--name value``. Default: only the defaults in the MLproject file.
        docker_args: Options for ``docker run`` without their dashes, such as ``{"gpus": "all"}``; True for an option
            without a value. Only for a project with a ``docker_env``.
        experiment_name: The experiment of the run, created if it does not exist.
        experiment_id: The experiment of the run, by its id. Default: the active one.
        backend: Where the command runs: ``"local"``, ``"ray"``, ``"kubernetes"``, ``"slurm"``, or a backend of another
            package. Default: ``"local"``, on this machine.
        backend_config: What to tell the backend, or a JSON or YAML file with it. The guide lists the keys.
        storage_dir: Folder for what parameters of the type ``path`` download. Default: a temporary one.
        synchronous: Whether to wait until the command ends. Default: True.
        run_id: An existing run to use. Default: create one.
        run_name: The name of the new run. Default: a random one.
        env_manager: What makes the environment that the project names: ``"uv"``, ``"virtualenv"`` or ``"conda"``, or
            ``"local"`` to use the current environment. Default: uv, or docker for a ``docker_env``; the current
            environment if the project names none.
        build_image: Whether to build an image with the project in it, instead of mounting the project's folder in the
            image that its ``docker_env`` names. Default: False.
        strict_env: Whether to refuse an environment whose packages differ from what the project asks for.
            Default: False; the differences are shown, and kept as the artifact ``project/environment.txt``.
        keep_mlflow: Whether the MLflow that a project requires is installed, instead of mlyard taking its place. It
            needs a tracking server. Default: False.

    Returns:
        The run: its id (``run_id``), its status (``get_status()``), ``wait()`` and ``cancel()``.

    Raises:
        DoesNotExist: There is no project, version, entry point, experiment or run of this name. Nothing was run.
        PermissionDenied: The repository cannot be read with your rights. Nothing was run.
        InvalidParameter: An argument or the MLproject file is invalid, or something is refused. Nothing was run.
        ProjectFailed: ``synchronous``, and the command did not succeed. The run is marked FAILED or KILLED.

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
    client = MlyardClient()
    environment = EnvChoice(
        manager=env_manager, strict=strict_env, keep_mlflow=keep_mlflow, docker_args=dict(docker_args or {}),
        build_image=build_image,
    )  # fmt: skip
    with failing(client, run_id):
        job = prepare(str(uri), version, entry_point, environment, storage_dir, backend, backend_config)
        with discarding(job):
            values = checked_values(job, {str(name): str(value) for name, value in (parameters or {}).items()})
            experiment = experiment_of(client, experiment_name, experiment_id, run_id)
    new = NewRun(experiment=experiment, values=values, run_id=run_id, name=run_name)
    return waited(client, job, new) if synchronous else _started(client, job, new)


def _started(client: MlyardClient, job: Job, new: NewRun) -> SubmittedRun:
    with discarding(job):
        return start(client, job, new, ended=job.source.discard)


@signals_interrupt()
def waited(client: MlyardClient, job: Job, new: NewRun) -> SubmittedRun:
    """Run a job, and wait for its end. Raises ProjectFailed if it does not succeed."""
    submitted = None
    try:
        submitted = _started(client, job, new)
        succeeded = submitted.wait()
    except (KeyboardInterrupt, SystemExit):
        if submitted:
            submitted.interrupt()
        raise
    if not succeeded:
        raise ProjectFailed(
            f"The run {submitted.run_id} is {submitted.get_status()}: {submitted.failure} Its output is in its "
            f"artifacts, in the folder {LOG_FOLDER!r}."
        )
    return submitted
