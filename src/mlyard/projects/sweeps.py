"""``sweep``: runs a project many times with different parameters, as child runs of one run."""

from __future__ import annotations

import hashlib
import math
import queue
import secrets
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mlyard.client import heartbeat
from mlyard.client.client import MlyardClient
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError, ProjectFailed
from mlyard.core.log import logger
from mlyard.domain.runs import FAILED, FINISHED, RUNNING, TAG_PARENT_RUN_ID, Param, Run
from mlyard.projects.backends.port import Job
from mlyard.projects.environment import EnvChoice
from mlyard.projects.jobs import NewRun, checked_values, end_run, experiment_of, failing, prepare, start
from mlyard.projects.searches import Done, SearchSpec, open_search, parse_search
from mlyard.projects.spaces import Space, parse_spaces
from mlyard.projects.submitted import SubmittedRun, signals_interrupt
from mlyard.projects.table import Row, Table
from mlyard.projects.tags import project_tags

__all__ = ["Sweep", "sweep"]

TAG_SEARCH, TAG_KEY, TAG_SEED = "mlyard.sweep", "mlyard.sweep.key", "mlyard.sweep.seed"
TAG_POINT, TAG_BEST = "mlyard.sweep.point", "mlyard.sweep.best"
_log = logger("projects")


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep has done: its run, the child runs in the order of their points, and the best of them.

    Args:
        run_id: The id of the sweep's own run.
        run_ids: The ids of the child runs that succeeded.
        best_run_id: The child run with the best metric; None if no metric was named or logged.

    Example:
        >>> import mlyard
        >>> mlyard.projects.Sweep(run_id="a", run_ids=["b", "c"]).best_run_id is None
        True
    """

    run_id: str
    run_ids: list[str]
    best_run_id: str | None = None


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep is asked for. ``sign`` turns the metric into a value to minimize; ``texts`` are the parameters."""

    spec: SearchSpec
    spaces: dict[str, Space]
    texts: dict[str, str]
    metric: str | None
    sign: int
    jobs: int

    def value(self, metrics: Mapping[str, float]) -> float | None:
        """The value to minimize. A metric that is not a number does not count."""
        found = metrics.get(self.metric or "", math.nan)
        return None if math.isnan(found) else self.sign * found


class _Run(msgspec.Struct, frozen=True):
    """What is asked for the sweep's own run."""

    experiment_name: str | None
    experiment_id: str | None
    name: str | None
    seed: int | None
    resume: bool


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep of a project. ``key`` is the same for a sweep that resumes it."""

    job: Job
    wanted: _Wanted
    experiment: str
    key: str


class _Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The run of a sweep, new or continued, and the points that are done."""

    run: Run
    seed: int
    done: dict[int, Done]
    run_ids: dict[int, str]


def sweep(
    uri: str,
    parameters: Mapping[str, Any],
    search: str = "grid",
    jobs: int = 1,
    minimize: str | None = None,
    maximize: str | None = None,
    resume: bool = False,
    seed: int | None = None,
    entry_point: str = "main",
    version: str | None = None,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    backend: str = "local",
    backend_config: Mapping[str, Any] | str | Path | None = None,
    storage_dir: str | Path | None = None,
    run_name: str | None = None,
    env_manager: str | None = None,
    docker_args: Mapping[str, str | bool] | None = None,
    build_image: bool = False,
    strict_env: bool = False,
    keep_mlflow: bool = False,
) -> Sweep:
    """Run an entry point of a project many times with different parameters, as child runs of one run.

    Args:
        uri: The project, as in ``run``.
        parameters: What to try, by name: a list, or a text with commas (a backslash before a comma makes it part of a
            value) or with a range (``"1..10"``, ``"1e-5..1e-1:log"``).
        search: ``"grid"`` tries all combinations, ``"random:N"`` N points, ``"tpe:N"`` N points that Optuna proposes.
        jobs: How many runs there are at the same time. Default: 1.
        minimize: The metric that should be small. ``tpe`` needs this or ``maximize``.
        maximize: The metric that should be large.
        resume: Whether to go on with the last sweep like this one, with the points that are missing. Default: False.
        seed: Makes random points the same each time. Default: a random one, which is kept in a tag.
        entry_point: See ``run``.
        version: See ``run``.
        experiment_name: See ``run``.
        experiment_id: See ``run``.
        backend: See ``run``.
        backend_config: See ``run``.
        storage_dir: See ``run``.
        run_name: The name of the sweep's own run. Default: a random one.
        env_manager: See ``run``.
        docker_args: See ``run``.
        build_image: See ``run``.
        strict_env: See ``run``.
        keep_mlflow: See ``run``.

    Returns:
        The ids of the sweep's own run, of the child runs that succeeded, and of the best one.

    Raises:
        DoesNotExist: See ``run``; or there is no sweep to resume.
        InvalidParameter: See ``run``; or an argument of the sweep is invalid.
        MissingExtra: Optuna is not installed.
        ProjectFailed: Some child runs did not succeed.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> _ = Path("x.py").write_text("import sys, mlyard; mlyard.log_metric('rmse', abs(float(sys.argv[2]) - 0.4))")
        >>> done = mlyard.projects.sweep(".", {"a": [0.25, 0.5]}, minimize="rmse", entry_point="x.py")
        [1/2] FINISHED ...
        [2/2] FINISHED ...
        >>> mlyard.get_run(done.best_run_id).data.params
        {'a': '0.5'}
    """
    wanted = _wanted(parameters, search, jobs, minimize, maximize)
    environment = EnvChoice(
        manager=env_manager, strict=strict_env, keep_mlflow=keep_mlflow, docker_args=dict(docker_args or {}),
        build_image=build_image,
    )  # fmt: skip
    job = prepare(str(uri), version, entry_point, environment, storage_dir, backend, backend_config)
    return _swept(job, wanted, _Run(experiment_name, experiment_id, run_name, seed, resume))


def _swept(job: Job, wanted: _Wanted, asked: _Run) -> Sweep:
    client = MlyardClient()
    try:
        plan = _plan(job, wanted, experiment_of(client, asked.experiment_name, asked.experiment_id, None))
        parent = _resumed(client, plan) if asked.resume else _new(client, plan, asked.seed, asked.name)
        return _Runner(client, plan, parent).run()
    finally:
        job.source.discard()


def _wanted(
    parameters: Mapping[str, Any], search: str, jobs: int, minimize: str | None, maximize: str | None
) -> _Wanted:
    spec, spaces = parse_search(search), parse_spaces(parameters)
    if jobs < 1:
        raise InvalidParameter(f"A sweep needs at least one job, not {jobs}.")
    if minimize and maximize:
        raise InvalidParameter("Specify only one of 'minimize' and 'maximize'.")
    if spec.kind == "tpe" and not (minimize or maximize):
        raise InvalidParameter("The search 'tpe' needs a metric: pass --minimize METRIC or --maximize METRIC.")
    open_search(spec, spaces, 0, {})  # raises if there is no such search of these parameters
    return _Wanted(
        spec=spec, spaces=spaces, metric=minimize or maximize, sign=-1 if maximize else 1, jobs=jobs,
        texts={str(name): str(value) for name, value in parameters.items()},
    )  # fmt: skip


def _plan(job: Job, wanted: _Wanted, experiment: str) -> _Plan:
    """Try each value once, so that a mistake is found before the first run."""
    first = {name: space.samples[0] for name, space in wanted.spaces.items()}
    checked_values(job, first)
    for name, space in wanted.spaces.items():
        for value in space.samples:
            checked_values(job, {**first, name: value})
    parts = [job.source.name, job.point.name, wanted.spec, wanted.texts, wanted.metric, wanted.sign]
    key = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]
    return _Plan(job=job, wanted=wanted, experiment=experiment, key=key)


def _new(client: MlyardClient, plan: _Plan, seed: int | None, name: str | None) -> _Parent:
    chosen = secrets.randbelow(2**31) if seed is None else seed
    spec, job = plan.wanted.spec, plan.job
    tags = {
        **project_tags(job.source, job.project, job.point, job.backend),
        TAG_SEARCH: spec.kind if spec.count is None else f"{spec.kind}:{spec.count}",
        TAG_KEY: plan.key,
        TAG_SEED: str(chosen),
    }
    run = client.create_run(plan.experiment, tags=tags, run_name=name)
    client.log_batch(run.info.run_id, params=[Param(key=key, value=text) for key, text in plan.wanted.texts.items()])
    return _Parent(run=run, seed=chosen, done={}, run_ids={})


def _resumed(client: MlyardClient, plan: _Plan) -> _Parent:
    found = client.search_runs(
        [plan.experiment], f"tags.`{TAG_KEY}` = '{plan.key}'", max_results=1, order_by=["start_time DESC"]
    )
    if not found:
        raise DoesNotExist("There is no sweep of this project, search and parameters to resume: omit --resume.")
    run = found[0]
    client.update_run(run.info.run_id, status=RUNNING)
    parent = _Parent(run=run, seed=int(run.data.tags[TAG_SEED]), done={}, run_ids={})
    for child in _children(client, plan.experiment, run.info.run_id):
        number = int(child.data.tags[TAG_POINT])
        parent.run_ids[number] = child.info.run_id
        value = plan.wanted.value(child.data.metrics)
        parent.done[number] = Done(values=dict(child.data.params), value=value)
    return parent


def _children(client: MlyardClient, experiment: str, parent: str) -> Iterator[Run]:
    """The child runs of a sweep that succeeded."""
    token = None
    while True:
        condition = f"tags.`{TAG_PARENT_RUN_ID}` = '{parent}' AND attributes.status = '{FINISHED}'"
        page = client.search_runs([experiment], condition, page_token=token)
        yield from (run for run in page if TAG_POINT in run.data.tags)
        token = page.token
        if not token:
            return


class _Runner:
    """Keeps ``jobs`` runs going until the search has no more points."""

    def __init__(self, client: MlyardClient, plan: _Plan, parent: _Parent) -> None:
        self._client, self._plan, self._parent, self._wanted = client, plan, parent, plan.wanted
        self._search = open_search(plan.wanted.spec, plan.wanted.spaces, parent.seed, parent.done)
        self._run_id = parent.run.info.run_id
        self._running: dict[int, SubmittedRun] = {}
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._rows: dict[int, Row] = {}
        self._run_ids = dict(parent.run_ids)
        self._values = {number: done.value for number, done in parent.done.items()}
        self._table = Table(sys.stdout, plan.wanted.metric, self._total())

    @signals_interrupt()
    def run(self) -> Sweep:
        """Run all points. Raises ProjectFailed if some did not succeed."""
        with failing(self._client, self._run_id):
            heartbeat.start(self._run_id, self._client.store)
            self._run_all()
            best = self._best()
            self._record(best)
            self._check_all()
        end_run(self._client, self._run_id, FINISHED, None)
        return Sweep(
            run_id=self._run_id,
            run_ids=[self._run_ids[number] for number in sorted(self._run_ids)],
            best_run_id=None if best is None else self._run_ids[best],
        )

    def _run_all(self) -> None:
        try:
            self._start_some()
            while self._running:
                self._finish(self._ended.get())
                self._start_some()
        except BaseException:
            self._interrupt()
            raise

    def _check_all(self) -> None:
        failed = [row.name for row in self._rows.values() if row.state != FINISHED]
        if failed:
            raise ProjectFailed(
                f"{len(failed)} of {len(self._rows)} runs of the sweep {self._run_id} did not succeed: "
                f"{', '.join(failed[:10])}. Repair the cause, and go on with --resume."
            )

    def _total(self) -> int:
        count = self._wanted.spec.count
        if count is None:
            count = 1
            for space in self._wanted.spaces.values():
                count *= len(space.samples)
        return count - len(self._parent.done)

    def _start_some(self) -> None:
        while len(self._running) < self._wanted.jobs and (proposed := self._search.propose()):
            self._start(*proposed)

    def _start(self, number: int, values: dict[str, str]) -> None:
        row = Row(number=number, name=f"{self._parent.run.info.run_name}-{number + 1}", values=values)
        self._rows[number] = row
        new = NewRun(
            experiment=self._plan.experiment,
            values=checked_values(self._plan.job, values),
            name=row.name,
            tags={TAG_PARENT_RUN_ID: self._run_id, TAG_POINT: str(number)},
            quiet=True,
        )
        try:
            self._running[number] = start(self._client, self._plan.job, new, lambda: self._ended.put(number))
        except MlyardError as error:
            _log.error("The run %s cannot be started: %s", row.name, error)
            row.state = FAILED
            self._search.tell(number, None)
        self._table.changed(list(self._rows.values()), row)

    def _finish(self, number: int) -> None:
        submitted, row = self._running.pop(number), self._rows[number]
        submitted.wait()
        row.state = submitted.get_status()
        metrics = self._client.get_run(submitted.run_id).data.metrics
        row.metric = metrics.get(self._wanted.metric or "")
        value = self._wanted.value(metrics) if row.state == FINISHED else None
        self._search.tell(number, value)
        if row.state == FINISHED:
            self._run_ids[number] = submitted.run_id
            self._values[number] = value
        self._table.changed(list(self._rows.values()), row)

    def _interrupt(self) -> None:
        threads = [threading.Thread(target=each.interrupt) for each in self._running.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _best(self) -> int | None:
        known = {number: value for number, value in self._values.items() if value is not None}
        return min(known, key=lambda number: known[number]) if known else None

    def _record(self, best: int | None) -> None:
        """The sweep's own run gets the best metric and names its run."""
        value = None if best is None else self._values[best]
        if best is None or value is None or self._wanted.metric is None:
            return
        self._client.set_tag(self._run_id, TAG_BEST, self._run_ids[best])
        self._client.log_metric(self._run_id, self._wanted.metric, self._wanted.sign * value)
