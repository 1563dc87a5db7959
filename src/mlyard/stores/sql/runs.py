"""Runs in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Text, bindparam, delete, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError
from mlyard.core.ids import new_run_id
from mlyard.domain import limits, list_tags, names
from mlyard.domain import runs as domain
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.inputs import DatasetInput, check_inputs
from mlyard.domain.page import PagedList, ScopedQuery
from mlyard.domain.runs import ModelInput, ModelOutput, NewRun, Run, RunBatch, RunData, RunInfo, RunInputs, RunOutputs
from mlyard.domain.uris import check_exact, join
from mlyard.search import fields
from mlyard.stores.sql import batches, dialect, experiments, inputs, leases, tables
from mlyard.stores.sql.compile import Target, ValueTable
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.history import chunks
from mlyard.stores.sql.history.figures import FIGURE_TABLES
from mlyard.stores.sql.keys import Keys
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.search import Search, lifecycle
from mlyard.stores.sql.statistics import Statistics
from mlyard.stores.sql.values import RunValues, read_run_values
from mlyard.stores.sql.writer import Bulk

_c = tables.runs.c
_SEARCH = Search(
    fields.RUNS,
    Target(
        id=_c.id,
        columns={
            "run_id": _c.run_id,
            "run_name": _c.name,
            "user_id": _c.user_id,
            "status": _c.status,
            "artifact_uri": _c.artifact_uri,
            "start_time": _c.start_time,
            "end_time": _c.end_time,
        },
        value_tables={
            "metric": ValueTable(tables.latest_metrics, "run", interned=True),
            **{kind: ValueTable(table, "run", interned=True, computed=True) for kind, table in FIGURE_TABLES.items()},
            "param": ValueTable(tables.params, "run", interned=True, prefix_indexed=True),
            "tag": ValueTable(tables.tags, "run", interned=True, prefix_indexed=True),
            "dataset": ValueTable(inputs.USED, "run", columns={key: key for key in ("name", "digest", "context")}),
        },
        numeric=fields.RUNS.numeric,
    ),
    ties=(SortKey(_c.start_time, ascending=False), SortKey(_c.run_id)),
    limit=limits.MAX_SEARCH_RUNS,
    has_figures=True,
)
_NEW = (
    "run_id",
    "experiment",
    "name",
    "user_id",
    "status",
    "start_time",
    "artifact_uri",
    "lifecycle_stage",
    "request_id",
)


class SqlRuns:
    """ports.RunStore, ports.SupportsSubmit, ports.SupportsGetMany and ports.SupportsLeases."""

    def __init__(self, database: Database, paginator: Paginator) -> None:
        self._database = database
        self._paginator = paginator
        self._statistics = Statistics()
        self._create: Bulk[_CreateRequest, Run] = Bulk(partial(_create_all, database.keys))

    def create(self, new: NewRun) -> Run:
        tags, number = domain.storable_tags(new), experiments.number_of(new.experiment_id)
        keys = self._database.keys.intern(tags)
        request = _CreateRequest(new, number, new_run_id(), tags, keys)
        made: Run = self._database.bulk(self._create, request, keys).result()
        return made

    def submit_create(self, new: NewRun) -> Future[Run] | None:
        tags, number = domain.storable_tags(new), experiments.number_of(new.experiment_id)
        keys = self._database.keys.known(set(tags))
        if keys is None:
            return None
        return self._database.bulk(self._create, _CreateRequest(new, number, new_run_id(), tags, keys), keys)

    def get(self, run_id: str) -> Run:
        return self._database.read(lambda c: _read(c, self._database.keys, [row_of(c, run_id)])[0])

    def get_many(self, run_ids: Sequence[str]) -> list[Run | DoesNotExist]:
        def work(connection: Connection) -> list[Run]:
            return _read(connection, self._database.keys, _rows_of(connection, run_ids))

        found = {run.info.run_id: run for run in self._database.read(work)}
        return [found.get(run_id) or _unknown(run_id) for run_id in run_ids]

    def update(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> RunInfo:
        if status is not None:
            domain.check_status(status)
        names.check_int64(end_time, "end_time")
        if run_name:
            domain.check_batch(RunBatch(tags=(domain.RunTag(key=domain.TAG_RUN_NAME, value=run_name),)))
        keys = self._database.keys.intern([domain.TAG_RUN_NAME])

        def work(connection: Connection) -> RunInfo:
            row = active_row_of(connection, run_id)
            values = _changes(row, status, end_time, run_name)
            if values:
                connection.execute(update(tables.runs).where(_c.id == row.id).values(**values))
            if run_name:
                batches.set_tags(connection, {(row.id, keys[domain.TAG_RUN_NAME]): run_name})
            if status in domain.TERMINAL:
                chunks.finish(connection, row.id)
            return _info(row_of(connection, run_id))

        return self._database.write(work, keys)

    def delete(self, run_id: str) -> None:
        self._database.write(lambda c: _set_stage(c, run_id, DELETED, now_ms()))

    def restore(self, run_id: str) -> None:
        self._database.write(lambda c: _set_stage(c, run_id, ACTIVE, None))

    def search(self, query: ScopedQuery) -> PagedList[Run]:
        ids = [experiments.number_of(experiment_id, must_exist=False) for experiment_id in query.experiment_ids]
        compiled = _SEARCH.compile(self._database, query)
        statement = select(tables.runs).where(_c.experiment.in_(ids), *lifecycle(_c.lifecycle_stage, query.view))

        def work(connection: Connection) -> PagedList[Run]:
            if compiled.node is not None:
                self._statistics.ensure(connection)
            found, token = compiled.run(connection, self._paginator, statement)
            return PagedList(_read(connection, self._database.keys, found), token)

        return self._database.read(work)

    def log_batch(self, run_id: str, batch: RunBatch) -> None:
        batch = domain.storable_batch(batch)
        keys = self._database.keys.intern(batches.keys_of(batch))
        self._database.bulk(batches.LOG, batches.LogRequest(run_id, batch, keys), keys).result()

    def submit_batch(self, run_id: str, batch: RunBatch) -> Future[None] | None:
        batch = domain.storable_batch(batch)
        keys = self._database.keys.known(batches.keys_of(batch))
        if keys is None:
            return None
        return self._database.bulk(batches.LOG, batches.LogRequest(run_id, batch, keys), keys)

    def delete_tag(self, run_id: str, key: str) -> None:
        keys = self._database.keys.find([key])

        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            owned = delete(tables.tags).where(tables.tags.c.run == row.id, tables.tags.c.key == keys.get(key))
            if connection.execute(owned).rowcount == 0:
                raise DoesNotExist(f"No tag with name: {key} in run with id {run_id}")

        self._database.write(work, keys)

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] = (), models: Sequence[ModelInput] = ()) -> None:
        check_inputs(datasets)

        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            inputs.log_datasets(connection, row.id, row.experiment, datasets)
            links = [(row.id, model.model_id) for model in models]
            dialect.insert(connection, tables.run_inputs, ("run", "model_id"), links, "ON CONFLICT DO NOTHING")

        self._database.write(work)

    def log_outputs(self, run_id: str, outputs: Sequence[ModelOutput]) -> None:
        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            links = [(row.id, output.model_id, output.step) for output in outputs]
            columns = ("run", "model_id", "step")
            dialect.insert(connection, tables.run_outputs, columns, links, "ON CONFLICT DO NOTHING")

        self._database.write(work)

    def add_to_tag(self, run_id: str, key: str, entry: Mapping[str, Any]) -> None:
        list_tags.check_list_tag(key)
        keys = self._database.keys.intern([key])

        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            tags = read_run_values(connection, self._database.keys, [row.id])[row.id].tags
            batches.set_tags(connection, {(row.id, keys[key]): list_tags.with_entry(tags, key, entry)})

        self._database.write(work, keys)

    def heartbeat(self, run_id: str, seconds: float) -> None:
        now = now_ms()

        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            leases.reopen(connection, [row.id] if row.lost else [], now)
            leases.renew(connection, row.id, now, seconds)

        self._database.write(work)

    def end_lost(self) -> int:
        return self._database.write(lambda c: leases.end_lost(c, now_ms()))


_BY_ID = select(tables.runs).where(_c.run_id == bindparam("run_id"))
_ROW = dialect.PreparedStatement(lambda: _BY_ID)
_ROWS = dialect.PreparedStatement(
    lambda: select(tables.runs).where(dialect.is_in(_c.run_id, dialect.list_of("run_ids", Text())))
)
_NUMBERS = dialect.PreparedStatement(
    lambda: select(_c.run_id, _c.id).where(dialect.is_in(_c.run_id, dialect.list_of("run_ids", Text())))
)
_LOCK_ROW = dialect.PreparedStatement(lambda: _BY_ID.with_for_update(key_share=True))


def row_of(connection: Connection, run_id: str, *, lock: bool = False) -> Any:
    """A run's row. Raises DoesNotExist."""
    found = (_LOCK_ROW if lock else _ROW).records(connection, run_id=run_id)
    if not found:
        raise _unknown(run_id)
    return found[0]


def _rows_of(connection: Connection, run_ids: Sequence[str]) -> list[Any]:
    # A statement for one run only: PostgreSQL keeps its plan, whereas it plans lists again each time.
    if len(run_ids) == 1:
        return _ROW.records(connection, run_id=run_ids[0])
    return _ROWS.records(connection, run_ids=list(run_ids))


def _unknown(run_id: str) -> DoesNotExist:
    return DoesNotExist(f"Run with id={run_id} not found")


def active_row_of(connection: Connection, run_id: str) -> Any:
    """The row of a run that is not deleted, locked until the transaction ends."""
    row = row_of(connection, run_id, lock=True)
    refusal = batches.refuse_write(row, run_id)
    if refusal:
        raise refusal
    return row


@dataclass(frozen=True)
class _CreateRequest:
    new: NewRun
    experiment: int
    run_id: str
    tags: Mapping[str, str]
    keys: Mapping[str, int]


def _create_all(keys: Keys, connection: Connection, requests: Sequence[_CreateRequest]) -> list[Run | MlyardError]:
    """Create runs. A request that has created its run before gets that run."""
    rows = experiments.active_rows_of(connection, {request.experiment for request in requests})
    parents = {number: _with_place(row) for number, row in rows.items()}
    accepted = [r for r in requests if not isinstance(parents[r.experiment], MlyardError)]
    infos = {request.run_id: _new_info(request, parents[request.experiment]) for request in accepted}
    values = [(*_row(infos[r.run_id]), r.new.request_id) for r in accepted]
    inserted = dialect.insert(connection, tables.runs, _NEW, values, "ON CONFLICT DO NOTHING", "run_id, id")
    numbers = dict(inserted or _NUMBERS.rows(connection, run_ids=list(infos)))
    tags = {(numbers[r.run_id], r.keys[k]): v for r in accepted if r.run_id in numbers for k, v in r.tags.items()}
    batches.set_tags(connection, tags)
    earlier = _earlier(connection, keys, [str(r.new.request_id) for r in accepted if r.run_id not in numbers])

    def outcome(request: _CreateRequest) -> Run | MlyardError:
        if request.run_id in numbers:
            return Run(info=infos[request.run_id], data=RunData(tags=dict(request.tags)))
        parent = parents[request.experiment]
        return parent if isinstance(parent, MlyardError) else earlier[str(request.new.request_id)]

    return [outcome(request) for request in requests]


def _earlier(connection: Connection, keys: Keys, request_ids: Sequence[str]) -> dict[str, Run]:
    """The runs that were created by these requests."""
    if not request_ids:
        return {}
    rows = connection.execute(select(tables.runs).where(dialect.in_values(_c.request_id, request_ids))).all()
    return {row.request_id: run for row, run in zip(rows, _read(connection, keys, rows), strict=True)}


def _with_place(experiment: Any) -> Any:
    """The experiment, or the error why it cannot have runs: they would overwrite each other's artifacts."""
    try:
        if not isinstance(experiment, MlyardError):
            check_exact(experiment.artifact_location, "artifact location of the experiment")
    except InvalidParameter as error:
        return error
    return experiment


def _new_info(request: _CreateRequest, experiment: Any) -> RunInfo:
    new = request.new
    return RunInfo(
        run_id=request.run_id,
        experiment_id=str(request.experiment),
        run_name=request.tags[domain.TAG_RUN_NAME],
        user_id=new.user_id or request.tags.get(domain.TAG_USER, "")[: limits.MAX_USER],
        status=domain.RUNNING,
        start_time=now_ms() if new.start_time is None else new.start_time,
        artifact_uri=join(experiment.artifact_location, request.run_id, "artifacts"),
        lifecycle_stage=ACTIVE,
    )


def _row(info: RunInfo) -> tuple[Any, ...]:
    return (
        info.run_id,
        int(info.experiment_id),
        info.run_name,
        info.user_id,
        info.status,
        info.start_time,
        info.artifact_uri,
        info.lifecycle_stage,
    )


def _changes(row: Any, status: str | None, end_time: int | None, run_name: str | None) -> dict[str, Any]:
    given = {"status": status, "end_time": end_time, "name": run_name or None}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if status in domain.TERMINAL:
        values |= {"lease_expires": None, "lost": 0}
    elif status == domain.RUNNING and row.lost:
        values |= {"lost": 0, "end_time": end_time}
    return values


def _set_stage(connection: Connection, run_id: str, stage: str, deleted: int | None) -> None:
    row = row_of(connection, run_id, lock=True)
    if row.deleted_time == tables.CLAIMED:
        raise InvalidParameter(f"The run {run_id} is being removed for good, and cannot be changed any more.")
    values = {"lifecycle_stage": stage, "deleted_time": deleted}
    connection.execute(update(tables.runs).where(_c.id == row.id).values(values))


def _read(connection: Connection, keys: Keys, found: Sequence[Any]) -> list[Run]:
    ids = [row.id for row in found]
    values = read_run_values(connection, keys, ids)
    datasets = inputs.read_datasets(connection, [number for number in ids if values[number].has_datasets])
    return [_run(row, values[row.id], datasets.get(row.id, ())) for row in found]


def _run(row: Any, values: RunValues, datasets: Sequence[DatasetInput]) -> Run:
    data = RunData(tuple(values.metrics), values.params, values.tags)
    if not (datasets or values.inputs or values.outputs):  # most runs; searches make thousands of them
        return Run(_info(row), data)
    inputs = RunInputs(dataset_inputs=tuple(datasets), model_inputs=tuple(values.inputs))
    return Run(_info(row), data, inputs, RunOutputs(tuple(values.outputs)))


def _info(row: Any) -> RunInfo:
    return RunInfo(
        run_id=row.run_id,
        experiment_id=str(row.experiment),
        run_name=row.name,
        user_id=row.user_id,
        status=row.status,
        start_time=row.start_time,
        end_time=row.end_time,
        artifact_uri=row.artifact_uri,
        lifecycle_stage=row.lifecycle_stage,
        lost=bool(row.lost),
    )
