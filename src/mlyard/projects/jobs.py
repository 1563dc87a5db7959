"""The steps of a project's run: fetch and read the project, create the run, start its command, record its end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from mlyard.client import heartbeat
from mlyard.client.client import MlyardClient
from mlyard.client.fluent_experiments import active_experiment, get_or_create
from mlyard.client.tracking import get_tracking_uri
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.waiting import waiting
from mlyard.domain.runs import FAILED, FINISHED, KILLED, RUNNING, Param, RunTag
from mlyard.projects.address import parse_address
from mlyard.projects.backends.config import read_config
from mlyard.projects.backends.mlflow_plugins import PluginBackend
from mlyard.projects.backends.port import Job, Process, Task
from mlyard.projects.backends.registry import LOCAL, open_backend
from mlyard.projects.environment import EnvChoice, check_choice
from mlyard.projects.fetch import fetch
from mlyard.projects.mlproject import read_project
from mlyard.projects.submitted import INTERRUPTED, SubmittedRun
from mlyard.projects.tags import TAG_BACKEND, TAG_FAILURE, TAG_JOB, project_tags

_LONGEST_REASON = 5000


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """The run of a job: its experiment, the values, the id of a run to continue or the name of a new one, more tags.

    ``quiet``: what the command prints is not shown, only kept. ``is_handed_over``: the run was created on another
    machine, which has also recorded who runs what.
    """

    experiment: str
    values: dict[str, str]
    run_id: str | None = None
    name: str | None = None
    tags: dict[str, str] = {}
    quiet: bool = False
    is_handed_over: bool = False


def prepare(
    uri: str, version: str | None, entry_point: str, environment: EnvChoice, storage: str | Path | None,
    backend: str = LOCAL, config: Mapping[str, Any] | str | Path | None = None,
) -> Job:  # fmt: skip
    """Fetch and read a project, and check that the backend can run it.

    Raises InvalidParameter, DoesNotExist, PermissionDenied, TemporarilyUnavailable.
    """
    found, config = open_backend(backend), read_config(config)
    address = parse_address(uri, version)
    with waiting("Fetching the project"):
        source = fetch(address)
    try:
        project = read_project(source.folder)
        point = project.entry_point(entry_point)
        check_choice(project, environment)
        place = Path(storage) if storage else None
        job = Job(
            uri=uri, version=version, address=address, source=source, project=project, point=point,
            environment=environment, storage=place, backend=backend, config=config,
        )  # fmt: skip
        found.check(job, get_tracking_uri())
    except BaseException:
        source.discard()
        raise
    return job


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
    backend = open_backend(job.backend)
    if isinstance(backend, PluginBackend):
        return _started_by_plugin(client, backend, job, new, ended)
    temporary = Path(tempfile.mkdtemp(prefix="mlyard-"))
    try:
        run_id = _run_of(client, job, new)
        with failing(client, run_id):
            heartbeat.start(run_id, client.store)
            client.log_batch(run_id, params=_params(new.values))
            task = Task(
                client=client, job=job, run_id=run_id, experiment=new.experiment, values=new.values, folder=temporary,
                quiet=new.quiet,
            )  # fmt: skip
            return _submitted(client, run_id, backend.submit(task), partial(_cleaned, temporary, ended))
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _run_of(client: MlyardClient, job: Job, new: NewRun) -> str:
    own = {} if new.is_handed_over else project_tags(job.source, job.project, job.point, job.backend)
    tags = {**own, **new.tags}
    if new.run_id is None:
        return client.create_run(new.experiment, tags=tags, run_name=new.name).info.run_id
    if not new.is_handed_over and TAG_FAILURE in client.get_run(new.run_id).data.tags:
        client.delete_tag(new.run_id, TAG_FAILURE)  # of the last time
    client.update_run(new.run_id, status=RUNNING)
    client.log_batch(new.run_id, tags=_tags(tags))
    return new.run_id


def _started_by_plugin(
    client: MlyardClient, backend: PluginBackend, job: Job, new: NewRun, ended: Callable[[], None]
) -> SubmittedRun:
    """The plugin creates the run. What it does not record of the run, but other backends do, is added."""
    with failing(client, new.run_id):
        process = backend.start(client, job, new.experiment, new.values, new.run_id)
    with failing(client, process.run_id), killing(process):
        heartbeat.start(process.run_id, client.store)
        known = client.get_run(process.run_id).data.params
        missing = {name: value for name, value in new.values.items() if name not in known}
        client.log_batch(process.run_id, params=_params(missing), tags=_tags({TAG_BACKEND: job.backend, **new.tags}))
        if new.name:
            client.update_run(process.run_id, name=new.name)
    return _submitted(client, process.run_id, process, ended)


def _submitted(client: MlyardClient, run_id: str, process: Process, ended: Callable[[], None]) -> SubmittedRun:
    def finish(status: str, reason: str | None) -> str:
        try:
            return end_run(client, run_id, status, reason)
        finally:
            ended()

    with killing(process):
        if process.id:
            client.set_tag(run_id, TAG_JOB, process.id)
        return SubmittedRun(run_id, process, finish)


@contextmanager
def killing(process: Process) -> Iterator[None]:
    """A failure inside kills the process."""
    try:
        yield
    except BaseException:
        process.kill()
        raise


def _cleaned(temporary: Path, ended: Callable[[], None]) -> None:
    shutil.rmtree(temporary, ignore_errors=True)
    ended()


def _params(values: Mapping[str, str]) -> list[Param]:
    return [Param(key=name, value=value) for name, value in values.items()]


def _tags(values: Mapping[str, str]) -> list[RunTag]:
    return [RunTag(key=name, value=value) for name, value in values.items()]


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
    if now == status or (status == FINISHED and now != RUNNING):
        return now
    client.set_terminated(run_id, status)
    return status
