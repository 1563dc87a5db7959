"""Runs in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.ids import new_run_id, new_run_name
from mlyard.domain import limits
from mlyard.domain import runs as domain
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.page import PagedList, ScopedQuery
from mlyard.domain.runs import Batch, ModelOutput, NewRun, Run, RunData, RunInfo, RunOutputs, RunTag
from mlyard.search import fields
from mlyard.stores.sql import dialect, experiments, rows, tables
from mlyard.stores.sql.compile import Side, Target
from mlyard.stores.sql.metrics import log_points, read_latest
from mlyard.stores.sql.paging import SortKey
from mlyard.stores.sql.search import lifecycle, run_search
from mlyard.stores.sql.writer import Writer

_c = tables.runs.c
_TARGET = Target(
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
    sides={
        "metric": Side(tables.latest_metrics, "run", interned=True),
        "param": Side(tables.params, "run", interned=True),
        "tag": Side(tables.tags, "run", interned=True),
    },
    numeric=fields.RUNS.numeric,
)
_TIES = (SortKey(_c.start_time, ascending=False), SortKey(_c.run_id))


class SqlRuns:
    """ports.RunStore."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer

    def create(self, new: NewRun) -> Run:
        tags = _named(new)
        domain.check_batch(Batch(tags=tuple(RunTag(key=key, value=value) for key, value in tags.items())))

        def work(connection: Connection) -> Run:
            experiment = experiments.active_row_of(connection, new.experiment_id)
            row = _insert(connection, experiment, new, tags)
            return _read(connection, [row])[0]

        return self._writer.write(work)

    def get(self, run_id: str) -> Run:
        with self._engine.begin() as connection:
            return _read(connection, [row_of(connection, run_id)])[0]

    def update(
        self, run_id: str, *, status: str | None = None, end_time: int | None = None, run_name: str | None = None
    ) -> RunInfo:
        if status is not None:
            domain.check_status(status)

        def work(connection: Connection) -> RunInfo:
            row = active_row_of(connection, run_id)
            values: dict[str, Any] = {"status": status, "end_time": end_time, "name": run_name or None}
            changed = {name: value for name, value in values.items() if value is not None}
            if changed:
                connection.execute(update(tables.runs).where(_c.id == row.id).values(**changed))
            if run_name:
                _set_keyed(connection, tables.tags, row.id, {domain.TAG_RUN_NAME: run_name})
            return _info(row_of(connection, run_id))

        return self._writer.write(work)

    def delete(self, run_id: str) -> None:
        self._writer.write(lambda c: _set_stage(c, run_id, DELETED, now_ms()))

    def restore(self, run_id: str) -> None:
        self._writer.write(lambda c: _set_stage(c, run_id, ACTIVE, None))

    def search(self, query: ScopedQuery) -> PagedList[Run]:
        ids = experiments.numbers_of(query.experiment_ids)
        statement = select(tables.runs).where(_c.experiment.in_(ids), *lifecycle(_c.lifecycle_stage, query.view))
        with self._engine.begin() as connection:
            found, token = run_search(connection, statement, query, fields.RUNS, _TARGET, _TIES, limits.MAX_SEARCH_RUNS)
            return PagedList(_read(connection, found), token)

    def log_batch(self, run_id: str, batch: Batch) -> None:
        domain.check_batch(batch)
        self._writer.write(lambda c: _log(c, run_id, batch))

    def delete_tag(self, run_id: str, key: str) -> None:
        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            interned = select(tables.keys.c.id).where(tables.keys.c.name == key).scalar_subquery()
            owned = delete(tables.tags).where(tables.tags.c.run == row.id, tables.tags.c.key == interned)
            if connection.execute(owned).rowcount == 0:
                raise DoesNotExist(f"No tag with name: {key} in run with id {run_id}")

        self._writer.write(work)

    def log_outputs(self, run_id: str, outputs: Sequence[ModelOutput]) -> None:
        def work(connection: Connection) -> None:
            row = active_row_of(connection, run_id)
            found = [{"run": row.id, "model_id": o.model_id, "step": o.step} for o in outputs]
            if found:
                connection.execute(dialect.upsert(tables.run_outputs).on_conflict_do_nothing(), found)

        self._writer.write(work)


def row_of(connection: Connection, run_id: str) -> Any:
    """A run's row. Raises DoesNotExist."""
    row = rows.one(connection, select(tables.runs).where(_c.run_id == run_id))
    if row is None:
        raise DoesNotExist(f"Run with id={run_id} not found")
    return row


def active_row_of(connection: Connection, run_id: str) -> Any:
    """The row of a run that may be written to."""
    row = row_of(connection, run_id)
    if row.lifecycle_stage != ACTIVE:
        raise InvalidParameter(f"The run {run_id} must be in the 'active' state. Current state is deleted.")
    return row


def _named(new: NewRun) -> dict[str, str]:
    name = new.run_name or new.tags.get(domain.TAG_RUN_NAME) or new_run_name()
    if new.run_name and new.tags.get(domain.TAG_RUN_NAME, new.run_name) != new.run_name:
        raise InvalidParameter(
            f"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
            f"(run_name='{new.run_name}', mlflow.runName='{new.tags[domain.TAG_RUN_NAME]}')."
        )
    return {**new.tags, domain.TAG_RUN_NAME: name}


def _insert(connection: Connection, experiment: Any, new: NewRun, tags: Mapping[str, str]) -> Any:
    run_id = new_run_id()
    values = {
        "run_id": run_id,
        "experiment": experiment.id,
        "name": tags[domain.TAG_RUN_NAME],
        "user_id": new.user_id or tags.get(domain.TAG_USER, ""),
        "status": domain.RUNNING,
        "start_time": now_ms() if new.start_time is None else new.start_time,
        "artifact_uri": f"{experiment.artifact_location.rstrip('/')}/{run_id}/artifacts",
        "lifecycle_stage": ACTIVE,
    }
    connection.execute(insert(tables.runs).values(values))
    row = row_of(connection, run_id)
    _set_keyed(connection, tables.tags, row.id, tags)
    return row


def _set_stage(connection: Connection, run_id: str, stage: str, deleted: int | None) -> None:
    row = row_of(connection, run_id)
    values = {"lifecycle_stage": stage, "deleted_time": deleted}
    connection.execute(update(tables.runs).where(_c.id == row.id).values(values))


def _log(connection: Connection, run_id: str, batch: Batch) -> None:
    row = active_row_of(connection, run_id)
    keys = rows.intern_keys(
        connection, [item.key for items in (batch.metrics, batch.params, batch.tags) for item in items]
    )
    _log_params(connection, row, {param.key: param.value for param in batch.params}, keys)
    log_points(connection, row.id, batch.metrics, keys)
    tags = {tag.key: tag.value for tag in batch.tags}
    _set_keyed(connection, tables.tags, row.id, tags, keys)
    if tags.get(domain.TAG_RUN_NAME):
        connection.execute(update(tables.runs).where(_c.id == row.id).values(name=tags[domain.TAG_RUN_NAME]))


def _log_params(connection: Connection, row: Any, params: Mapping[str, str], keys: Mapping[str, int]) -> None:
    if not params:
        return
    found = [{"run": row.id, "key": keys[key], "value": value} for key, value in params.items()]
    connection.execute(dialect.upsert(tables.params).on_conflict_do_nothing(), found)
    stored = _read_keyed(connection, tables.params, [row.id]).get(row.id, {})
    for key, value in params.items():
        if stored[key] != value:
            raise InvalidParameter(
                f"Changing param values is not allowed. Param with key='{key}' was already logged with "
                f"value='{stored[key]}' for run ID='{row.run_id}'. Attempted logging new value '{value}'."
            )


def _set_keyed(
    connection: Connection, table: Table, run: int, values: Mapping[str, str], keys: Mapping[str, int] | None = None
) -> None:
    interned = rows.intern_keys(connection, values) if keys is None else keys
    statement = dialect.upsert(table)
    found = [{"run": run, "key": interned[key], "value": values[key]} for key in sorted(values)]
    if found:
        change = statement.on_conflict_do_update(
            index_elements=["run", "key"], set_={"value": statement.excluded.value}
        )
        connection.execute(change, found)


def _read(connection: Connection, found: Sequence[Any]) -> list[Run]:
    ids = [row.id for row in found]
    latest = read_latest(connection, ids)
    params = _read_keyed(connection, tables.params, ids)
    tags = _read_keyed(connection, tables.tags, ids)
    outputs = _read_outputs(connection, ids)
    return [
        Run(
            info=_info(row),
            data=RunData(
                latest_metrics=tuple(latest.get(row.id, ())), params=params.get(row.id, {}), tags=tags.get(row.id, {})
            ),
            outputs=RunOutputs(model_outputs=tuple(outputs.get(row.id, ()))),
        )
        for row in found
    ]


def _read_keyed(connection: Connection, table: Table, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    statement = (
        select(table.c.run, tables.keys.c.name, table.c.value)
        .join(tables.keys, tables.keys.c.id == table.c.key)
        .where(dialect.in_values(table.c.run, ids))
        .order_by(table.c.run, table.c.key)
    )
    found: dict[int, dict[str, str]] = {}
    for run, key, value in connection.execute(statement):
        found.setdefault(run, {})[key] = value
    return found


def _read_outputs(connection: Connection, ids: Iterable[int]) -> dict[int, list[ModelOutput]]:
    table = tables.run_outputs
    statement = select(table).where(dialect.in_values(table.c.run, ids)).order_by(table.c.run, table.c.step)
    found: dict[int, list[ModelOutput]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.run, []).append(ModelOutput(model_id=row.model_id, step=row.step))
    return found


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
    )
