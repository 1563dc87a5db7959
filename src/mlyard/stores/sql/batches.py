"""Logging to runs: many batches for many runs in one transaction.

The rows of the runs are locked first, in the order of their ids. All writes to a run hold this lock, so that two
servers that share a database neither deadlock nor interleave their writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, select, update

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError
from mlyard.domain import runs as domain
from mlyard.domain.experiments import ACTIVE
from mlyard.domain.runs import RunBatch
from mlyard.stores.sql import dialect, leases, tables
from mlyard.stores.sql.history.log import log_model_points, log_points
from mlyard.stores.sql.writer import Bulk

_r = tables.runs.c
_KEYED = ("run", "key", "value")
_SET = "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value"


@dataclass(frozen=True)
class LogRequest:
    """A batch for a run, already checked, and the numbers of its keys."""

    run_id: str
    batch: RunBatch
    keys: Mapping[str, int]


def keys_of(batch: RunBatch) -> set[str]:
    """All keys in a batch."""
    return {item.key for items in (batch.metrics, batch.params, batch.tags) for item in items}


def lock_runs(connection: Connection, run_ids: Iterable[str]) -> dict[str, Any]:
    """The rows of runs, by run id, locked until the transaction ends."""
    return {row.run_id: row for row in _LOCK.records(connection, run_ids=list(run_ids))}


_LOCK = dialect.PreparedStatement(
    lambda: (
        select(_r.id, _r.run_id, _r.lifecycle_stage, _r.lost)
        .where(dialect.is_in(_r.run_id, dialect.list_of("run_ids", Text())))
        .order_by(_r.id)
        .with_for_update(key_share=True)
    )
)


def log_all(connection: Connection, requests: Sequence[LogRequest]) -> list[MlyardError | None]:
    """Log the batches that can be logged. The result has None for each of these, and an error for each other."""
    rows = lock_runs(connection, {request.run_id for request in requests})
    models = _models(connection, requests)
    stored = _stored_params(connection, requests, rows)
    before = set(stored)
    outcomes = [_check(request, rows.get(request.run_id), models, stored) for request in requests]
    accepted = [
        (rows[request.run_id].id, request) for request, error in zip(requests, outcomes, strict=True) if error is None
    ]
    leases.reopen(connection, {rows[r.run_id].id for _, r in accepted if rows[r.run_id].lost}, now_ms())
    _insert_params(connection, {pair: value for pair, value in stored.items() if pair not in before})
    log_points(connection, [(run, r.keys[m.key], m) for run, r in accepted for m in r.batch.metrics])
    log_model_points(
        connection,
        [(models[m.model_id], run, r.keys[m.key], m) for run, r in accepted for m in r.batch.metrics if m.model_id],
    )
    set_tags(connection, {(run, r.keys[t.key]): t.value for run, r in accepted for t in r.batch.tags})
    _rename(connection, accepted)
    return outcomes


LOG: Bulk[LogRequest, None] = Bulk(log_all)


def _check(
    request: LogRequest, row: Any, models: Mapping[str, int], stored: dict[tuple[int, int], str]
) -> MlyardError | None:
    """The error if a batch cannot be logged; else None, and its params are added to ``stored``."""
    refusal = refuse_write(row, request.run_id)
    if refusal:
        return refusal
    for metric in request.batch.metrics:
        if metric.model_id and metric.model_id not in models:
            return InvalidParameter(f"Logged model with ID '{metric.model_id}' not found.")
    params = {(row.id, request.keys[param.key]): param for param in request.batch.params}
    for pair, param in params.items():
        if stored.get(pair, param.value) != param.value:
            return domain.changed_param(request.run_id, param.key, stored[pair], param.value)
    stored.update((pair, param.value) for pair, param in params.items())
    return None


def refuse_write(row: Any, run_id: str) -> MlyardError | None:
    """The error if a run cannot be written to."""
    if row is None:
        return DoesNotExist(f"Run with id={run_id} not found")
    if row.lifecycle_stage != ACTIVE:
        return InvalidParameter(f"The run {run_id} must be in the 'active' state. Current state is deleted.")
    return None


def _models(connection: Connection, requests: Sequence[LogRequest]) -> dict[str, int]:
    wanted = {metric.model_id for request in requests for metric in request.batch.metrics if metric.model_id}
    if not wanted:
        return {}
    m = tables.logged_models.c
    found = connection.execute(
        select(m.model_id, m.id).where(dialect.in_values(m.model_id, wanted), m.lifecycle_stage == ACTIVE)
    )
    return {row.model_id: row.id for row in found}


def _stored_params(
    connection: Connection, requests: Sequence[LogRequest], rows: Mapping[str, Any]
) -> dict[tuple[int, int], str]:
    writing = [request for request in requests if request.batch.params]
    runs = {rows[request.run_id].id for request in writing if request.run_id in rows}
    if not runs:
        return {}
    p = tables.params.c
    keys = {request.keys[param.key] for request in writing for param in request.batch.params}
    wanted = select(p.run, p.key, p.value).where(dialect.in_values(p.run, runs), dialect.in_values(p.key, keys))
    return {(row.run, row.key): row.value for row in connection.execute(wanted)}


def _insert_params(connection: Connection, values: Mapping[tuple[int, int], str]) -> None:
    dialect.insert(connection, tables.params, _KEYED, _sorted(values))


def set_tags(connection: Connection, values: Mapping[tuple[int, int], str]) -> None:
    """Set or change tags, given by run and key."""
    dialect.insert(connection, tables.tags, _KEYED, _sorted(values), _SET)


def _sorted(values: Mapping[tuple[int, int], str]) -> list[tuple[int, int, str]]:
    return [(run, key, value) for (run, key), value in sorted(values.items())]


def _rename(connection: Connection, accepted: Sequence[tuple[int, LogRequest]]) -> None:
    """Where the tag with a run's name is set, change the run's name too."""
    for run, request in accepted:
        for tag in request.batch.tags:
            if tag.key == domain.TAG_RUN_NAME and tag.value:
                connection.execute(update(tables.runs).where(_r.id == run).values(name=tag.value))
