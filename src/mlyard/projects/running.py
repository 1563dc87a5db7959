"""Runs a project: executes its command in its folder and logs it as a run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from mlyard.client import artifact_uris, heartbeat
from mlyard.client.client import MlyardClient
from mlyard.client.fluent_experiments import active_experiment, get_or_create
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, MlyardError, ProjectFailed
from mlyard.core.log import logger
from mlyard.domain.runs import FAILED, FINISHED, KILLED, RUNNING, Param, RunTag
from mlyard.projects.address import Address, parse_address
from mlyard.projects.entry_points import EntryPoint
from mlyard.projects.environment import check_manager, launch
from mlyard.projects.fetch import Source, fetch
from mlyard.projects.mlproject import Project, read_project
from mlyard.projects.output import LiveArtifact
from mlyard.projects.paths import localized
from mlyard.projects.processes import ProcessGroup
from mlyard.projects.submitted import INTERRUPTED, SubmittedRun, signals_interrupt
from mlyard.projects.tags import TAG_FAILURE, project_tags

__all__ = ["run"]

LOG_FOLDER, LOG_FILE = "project", "output.log"
_LONGEST_REASON = 5000
_log = logger("projects")


class _Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to run, with all that is known before the run exists."""

    source: Source
    project: Project
    point: EntryPoint
    values: dict[str, str]
    manager: str
    storage: Path | None
    experiment: str


def run(
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    storage_dir: str | Path | None = None,
    synchronous: bool = True,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str = "local",
) -> SubmittedRun:
    """Run an entry point of a project as a run.

    The command runs in the project's folder. Its environment variables name the tracking server and the run, so
    that what it logs belongs to this run. Its output is shown, and kept as the artifact ``project/output.log``.

    Args:
        uri: The project's folder; a git repository (``https://``, ``ssh://``, ``git@host:path``, ``file://`` or
            ``github.com/user/repository``); or a zip file (a path, or an ``https://`` address that ends in ``.zip``).
            ``#folder`` at the end names the project's folder in it.
        entry_point: The name of an entry point of the MLproject file, or of a ``.py`` or ``.sh`` file in the folder.
            Default: ``"main"``.
        version: A branch, a tag or a commit of a git repository. With a local folder, its repository's committed files
            are used. Default: the repository's default branch; in a local folder, the files as they are.
        parameters: Values of the entry point's parameters by name, logged as params of the run. Parameters that the
            entry point does not declare are appended to the command as ``--name value``. Default: none but the
            defaults in the MLproject file.
        experiment_name: The experiment of the run, created if it does not exist. Default: None.
        experiment_id: The experiment of the run, instead of ``experiment_name``. Default: the one that is set,
            by ``set_experiment`` or ``MLYARD_EXPERIMENT_ID``, else ``Default``.
        storage_dir: Folder for the files of parameters of the type ``path`` whose values are URIs. Default: a
            temporary folder, which is removed at the end.
        synchronous: Whether to wait until the command ends. Default: True.
        run_id: An existing run to use. Default: create one.
        run_name: The name of the new run. Default: a random one.
        env_manager: The environment of the command: ``"local"`` is the current one. Others are not supported yet.
            Default: ``"local"``.

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
        >>> data = mlyard.get_run(done.run_id).data
        >>> done.status, data.params, data.metrics
        ('FINISHED', {'alpha': '0.5'}, {'rmse': 0.25})
    """
    client = MlyardClient()
    given = {str(name): str(value) for name, value in (parameters or {}).items()}
    with _failing(client, run_id):
        address = parse_address(str(uri), version)
        check_manager(env_manager)
        experiment = _experiment(client, experiment_name, experiment_id, run_id)
        storage = Path(storage_dir) if storage_dir else None
        job = _job(address, entry_point, given, experiment, env_manager, storage)
    if not synchronous:
        return _start(client, job, run_id, run_name)
    with signals_interrupt():
        return _waited(client, job, run_id, run_name)


def _job(
    address: Address, entry_point: str, given: dict[str, str], experiment: str, manager: str, storage: Path | None
) -> _Job:
    source = fetch(address)
    try:
        project = read_project(source.folder)
        point = project.entry_point(entry_point)
        values = point.values(given)
        point.arguments(values)  # raises for a command that cannot be run with these values
    except BaseException:
        source.discard()
        raise
    return _Job(
        source=source,
        project=project,
        point=point,
        values=values,
        manager=manager,
        storage=storage,
        experiment=experiment,
    )


def _experiment(client: MlyardClient, name: str | None, experiment_id: str | None, run_id: str | None) -> str:
    if name and experiment_id:
        raise InvalidParameter("Specify only one of 'experiment_name' and 'experiment_id'.")
    if run_id:
        return client.get_run(run_id).info.experiment_id
    if name:
        return get_or_create(client, name).experiment_id
    return client.get_experiment(experiment_id or active_experiment(client)).experiment_id


def _start(client: MlyardClient, job: _Job, run_id: str | None, run_name: str | None) -> SubmittedRun:
    """Create the run or continue it, and start the command. A failure ends the run and leaves nothing behind."""
    temporary = Path(tempfile.mkdtemp(prefix="mlyard-"))
    try:
        tags = project_tags(job.source, job.project, job.point)
        if run_id:
            client.update_run(run_id, status=RUNNING)
            client.log_batch(run_id, tags=[RunTag(key=key, value=value) for key, value in tags.items()])
        else:
            run_id = client.create_run(job.experiment, tags=tags, run_name=run_name).info.run_id
        with _failing(client, run_id):
            heartbeat.start(run_id, client.store)
            client.log_batch(run_id, params=[Param(key=name, value=value) for name, value in job.values.items()])
            return _launched(client, job, run_id, temporary)
    except BaseException:
        _discard(job, temporary)
        raise


def _launched(client: MlyardClient, job: _Job, run_id: str, temporary: Path) -> SubmittedRun:
    start = launch(job.project, job.manager)
    values = localized(
        job.point, job.values, job.project.folder, job.storage or temporary / "storage", _download_with(client)
    )
    environment = {
        "PYTHONUNBUFFERED": "1",
        **os.environ,
        **start.variables,
        **_variables(client, run_id, job.experiment),
    }
    log = temporary / LOG_FILE
    log.touch()
    _log.info("Run %s: %s", run_id, job.point.shown(values))
    command = [*start.prefix, *job.point.arguments(values)]
    process = ProcessGroup(command, job.project.folder, environment, log)

    def finish(status: str, reason: str | None) -> str:
        try:
            artifact.finish()
            return _end(client, run_id, status, reason)
        finally:
            _discard(job, temporary)

    try:
        artifact = LiveArtifact(log, lambda file: client.log_artifact(run_id, file, LOG_FOLDER))
        return SubmittedRun(run_id, process, finish)
    except BaseException:
        process.kill()
        raise


def _download_with(client: MlyardClient) -> Any:
    def download(uri: str, folder: Path) -> str:
        return artifact_uris.download_artifacts(uri, dst_path=folder, tracking_uri=client.tracking_uri)

    return download


def _waited(client: MlyardClient, job: _Job, run_id: str | None, run_name: str | None) -> SubmittedRun:
    submitted = None
    try:
        submitted = _start(client, job, run_id, run_name)
        succeeded = submitted.wait()
    except (KeyboardInterrupt, SystemExit):
        if submitted:
            submitted.interrupt()
        raise
    if not succeeded:
        raise ProjectFailed(
            f"The run {submitted.run_id} is {submitted.get_status()}: {submitted.failure} Its output is the artifact "
            f"{LOG_FOLDER}/{LOG_FILE}."
        )
    return submitted


@contextmanager
def _failing(client: MlyardClient, run_id: str | None) -> Iterator[None]:
    """A failure inside ends the run, if there is one, with the reason in a tag."""
    try:
        yield
    except BaseException as error:
        if run_id:
            with suppress(MlyardError):  # the first error says more, such as that there is no such run
                _end(client, run_id, FAILED if isinstance(error, Exception) else KILLED, _reason(error))
        raise


def _reason(error: BaseException) -> str:
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return INTERRUPTED
    return error.message if isinstance(error, MlyardError) else f"{type(error).__name__}: {error}"


def _end(client: MlyardClient, run_id: str, status: str, reason: str | None) -> str:
    """End a run; returns its status. The command's own client may have ended it, but only knows its own part."""
    heartbeat.stop(run_id)
    if reason:
        client.set_tag(run_id, TAG_FAILURE, reason[:_LONGEST_REASON])
    now = client.get_run(run_id).info.status
    if status == FINISHED and now != RUNNING:
        return now
    client.set_terminated(run_id, status)
    return status


def _discard(job: _Job, temporary: Path) -> None:
    job.source.discard()
    shutil.rmtree(temporary, ignore_errors=True)


def _variables(client: MlyardClient, run_id: str, experiment: str) -> dict[str, str]:
    """Environment variables for the command's client, with absolute paths because it runs in another folder."""
    uri = client.tracking_uri
    if uri.startswith("sqlite:///") and not uri.startswith("sqlite:////"):
        uri = f"sqlite:///{Path(uri.removeprefix('sqlite:///')).resolve()}"
    elif "://" not in uri:
        uri = str(Path(uri).resolve())
    destination = settings.ARTIFACTS_DESTINATION.get()
    artifacts = destination if "://" in destination else str(Path(destination).resolve())
    values = {
        "TRACKING_URI": uri,
        "RUN_ID": run_id,
        "EXPERIMENT_ID": experiment,
        "ARTIFACTS_DESTINATION": artifacts,
    }
    return {f"{prefix}_{name}": value for name, value in values.items() for prefix in ("MLYARD", "MLFLOW")}
