"""The steps of a project's run: fetch and read the project, create the run, start its command, record its end."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from mlyard.client import artifact_uris, heartbeat
from mlyard.client.client import MlyardClient
from mlyard.client.fluent_experiments import active_experiment, get_or_create
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.log import logger
from mlyard.core.waiting import waiting
from mlyard.domain.runs import FAILED, FINISHED, KILLED, RUNNING, Param, RunTag
from mlyard.projects.address import parse_address
from mlyard.projects.entry_points import EntryPoint
from mlyard.projects.environment import EnvChoice, Launch, check_choice, launch
from mlyard.projects.fetch import Source, fetch
from mlyard.projects.mlproject import Project, read_project
from mlyard.projects.output import LiveArtifact
from mlyard.projects.paths import localized
from mlyard.projects.processes import ProcessGroup
from mlyard.projects.submitted import INTERRUPTED, SubmittedRun
from mlyard.projects.tags import TAG_FAILURE, project_tags

LOG_FOLDER, LOG_FILE = "project", "output.log"
_LONGEST_REASON = 5000
_BASIC = {"PYTHONUNBUFFERED": "1"}  # otherwise Python shows what it prints to a pipe only at its end
_log = logger("projects")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to run. ``source`` must be discarded when all runs of the job have ended."""

    source: Source
    project: Project
    point: EntryPoint
    environment: EnvChoice
    storage: Path | None = None


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """The run of a job: its experiment, the values, the id of a run to continue or the name of a new one, more tags.

    ``quiet``: what the command prints is not shown, only kept.
    """

    experiment: str
    values: dict[str, str]
    run_id: str | None = None
    name: str | None = None
    tags: dict[str, str] = {}
    quiet: bool = False


def prepare(uri: str, version: str | None, entry_point: str, environment: EnvChoice, storage: str | Path | None) -> Job:
    """Fetch and read a project. Raises InvalidParameter, DoesNotExist, PermissionDenied, TemporarilyUnavailable."""
    address = parse_address(uri, version)
    with waiting("Fetching the project"):
        source = fetch(address)
    try:
        project = read_project(source.folder)
        point = project.entry_point(entry_point)
        check_choice(project, environment)
    except BaseException:
        source.discard()
        raise
    place = Path(storage) if storage else None
    return Job(source=source, project=project, point=point, environment=environment, storage=place)


@contextmanager
def discarding(job: Job) -> Iterator[None]:
    """A failure inside removes the project's temporary files."""
    try:
        yield
    except BaseException:
        job.source.discard()
        raise


def checked_values(job: Job, given: Mapping[str, str]) -> dict[str, str]:
    """The values of all parameters. Raises InvalidParameter if the command cannot be run with them."""
    values = job.point.values(given)
    job.point.arguments(values)
    return values


def experiment_of(client: MlyardClient, name: str | None, experiment_id: str | None, run_id: str | None) -> str:
    """The id of the experiment of a run: of the run that is continued, the named one, or the active one."""
    if name and experiment_id:
        raise InvalidParameter("Specify only one of 'experiment_name' and 'experiment_id'.")
    if run_id:
        return client.get_run(run_id).info.experiment_id
    if name:
        return get_or_create(client, name).experiment_id
    return client.get_experiment(experiment_id or active_experiment(client)).experiment_id


def start(client: MlyardClient, job: Job, new: NewRun, ended: Callable[[], None]) -> SubmittedRun:
    """Create the run or continue it, and start the command. ``ended`` is called when the run has ended.

    A failure ends the run, leaves nothing behind and is raised; ``ended`` is not called then.
    """
    temporary = Path(tempfile.mkdtemp(prefix="mlyard-"))
    try:
        run_id = _run_of(client, job, new)
        with failing(client, run_id):
            heartbeat.start(run_id, client.store)
            client.log_batch(run_id, params=[Param(key=name, value=value) for name, value in new.values.items()])
            return _launched(client, job, new, run_id, temporary, ended)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _run_of(client: MlyardClient, job: Job, new: NewRun) -> str:
    tags = {**project_tags(job.source, job.project, job.point), **new.tags}
    if new.run_id is None:
        return client.create_run(new.experiment, tags=tags, run_name=new.name).info.run_id
    client.update_run(new.run_id, status=RUNNING)
    client.log_batch(new.run_id, tags=[RunTag(key=key, value=value) for key, value in tags.items()])
    return new.run_id


def _launched(
    client: MlyardClient, job: Job, new: NewRun, run_id: str, temporary: Path, ended: Callable[[], None]
) -> SubmittedRun:
    storage = job.storage or temporary / "storage"
    values = localized(job.point, new.values, job.project.folder, storage, _download)
    environment = _environment(client, job, new, run_id, values)
    log = temporary / LOG_FILE
    log.touch()
    if not new.quiet:
        _log.info("Run %s: %s", run_id, job.point.shown(values))
    process = ProcessGroup(
        [*environment.prefix, *job.point.arguments(values)],
        job.project.folder,
        environment.variables,
        log,
        quiet=new.quiet,
    )

    def finish(status: str, reason: str | None) -> str:
        try:
            artifact.finish()
            return end_run(client, run_id, status, reason)
        finally:
            if status != FINISHED and environment.cleanup:
                subprocess.run(environment.cleanup, capture_output=True, check=False)  # noqa: S603 - our own command
            shutil.rmtree(temporary, ignore_errors=True)
            ended()

    try:
        artifact = LiveArtifact(log, lambda file: client.log_artifact(run_id, file, LOG_FOLDER))
        return SubmittedRun(run_id, process, finish)
    except BaseException:
        process.kill()
        raise


def _environment(client: MlyardClient, job: Job, new: NewRun, run_id: str, values: Mapping[str, str]) -> Launch:
    """Prepare the command's environment, and record what it is."""
    paths = [values[each.name] for each in job.point.parameters if each.type == "path"]
    made = launch(
        job.project, job.environment, {**_BASIC, **_variables(client, run_id, new.experiment)},
        run_id=run_id, tracking_uri=client.tracking_uri, paths=paths, commit=job.source.commit,
    )  # fmt: skip
    if made.table and not new.quiet:
        _log.info("Packages that differ from what the project asks for:\n%s", made.table)
    for name, text in (("environment.txt", made.table), ("requirements.txt", "\n".join(made.requirements))):
        if text:
            client.log_text(run_id, f"{text}\n", f"{LOG_FOLDER}/{name}")
    if made.tags:
        client.log_batch(run_id, tags=[RunTag(key=key, value=value) for key, value in made.tags.items()])
    return made


def _download(uri: str, folder: Path) -> str:
    return artifact_uris.download_artifacts(uri, dst_path=folder)


@contextmanager
def failing(client: MlyardClient, run_id: str | None) -> Iterator[None]:
    """A failure inside ends the run, if there is one, with the reason in a tag."""
    try:
        yield
    except BaseException as error:
        if run_id:
            with suppress(MlyardError):  # the first error says more, such as that there is no such run
                end_run(client, run_id, FAILED if isinstance(error, Exception) else KILLED, _reason(error))
        raise


def _reason(error: BaseException) -> str:
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return INTERRUPTED
    return error.message if isinstance(error, MlyardError) else f"{type(error).__name__}: {error}"


def end_run(client: MlyardClient, run_id: str, status: str, reason: str | None) -> str:
    """End a run; returns its status. The command's own client may have ended it, but only knows its own part."""
    heartbeat.stop(run_id)
    if reason:
        client.set_tag(run_id, TAG_FAILURE, reason[:_LONGEST_REASON])
    now = client.get_run(run_id).info.status
    if status == FINISHED and now != RUNNING:
        return now
    client.set_terminated(run_id, status)
    return status


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
