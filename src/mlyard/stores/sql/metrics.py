"""Metrics in SQL: an append-only history, and the latest point of each key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, select, tuple_

from mlyard.domain import limits
from mlyard.domain.metrics import Metric
from mlyard.domain.page import PagedList
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.paging import SortKey, cut, page

_points, _latest, _keys = tables.metric_points, tables.latest_metrics, tables.keys
_RANK = ("step", "timestamp", "is_nan", "value")


class SqlMetrics:
    """ports.MetricStore."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        from mlyard.stores.sql.runs import row_of  # the two nouns need each other

        limit = min(max_results or limits.MAX_HISTORY, limits.MAX_HISTORY)
        with self._engine.begin() as connection:
            run = row_of(connection, run_id)
            statement = (
                select(_points.c.step, _points.c.timestamp, _points.c.value, _points.c.is_nan)
                .join(_keys, _keys.c.id == _points.c.key)
                .where(_points.c.run == run.id, _keys.c.name == key)
            )
            order = [SortKey(_points.c[name]) for name in ("step", "timestamp", "value", "is_nan")]
            found = connection.execute(page(statement, order, limit, page_token)).all()
        found, token = cut(found, order, limit)
        return PagedList([_metric(key, row) for row in found], token)


def log_points(connection: Connection, run: int, metrics: Iterable[Metric], keys: Mapping[str, int]) -> None:
    """Append points; equal ones collapse. The latest of each key has the largest step, then time, then value."""
    points = [_row(run, keys[metric.key], metric) for metric in metrics]
    if not points:
        return
    connection.execute(dialect.upsert(_points).on_conflict_do_nothing(), points)
    newest: dict[int, dict[str, Any]] = {}
    for point in points:
        best = newest.setdefault(point["key"], point)
        if _rank(point) > _rank(best):
            newest[point["key"]] = point
    insert = dialect.upsert(_latest)
    newer = tuple_(*(insert.excluded[name] for name in _RANK)) > tuple_(*(_latest.c[name] for name in _RANK))
    statement = insert.on_conflict_do_update(
        index_elements=["run", "key"], set_={name: insert.excluded[name] for name in _RANK}, where=newer
    )
    connection.execute(statement, [newest[key] for key in sorted(newest)])


def read_latest(connection: Connection, ids: Iterable[int]) -> dict[int, list[Metric]]:
    """The latest metrics of many runs, by run."""
    statement = (
        select(_latest.c.run, _keys.c.name, _latest.c.step, _latest.c.timestamp, _latest.c.value, _latest.c.is_nan)
        .join(_keys, _keys.c.id == _latest.c.key)
        .where(dialect.in_values(_latest.c.run, ids))
        .order_by(_latest.c.run, _latest.c.key)
    )
    found: dict[int, list[Metric]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.run, []).append(_metric(row.name, row))
    return found


def _rank(point: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(point[name] for name in _RANK)


def _row(run: int, key: int, metric: Metric) -> dict[str, Any]:
    is_nan = math.isnan(metric.value)
    return {
        "run": run,
        "key": key,
        "step": metric.step,
        "timestamp": metric.timestamp,
        "value": 0.0 if is_nan else metric.value,
        "is_nan": int(is_nan),
    }


def _metric(key: str, row: Any) -> Metric:
    value = math.nan if row.is_nan else row.value
    return Metric(key=key, value=value, timestamp=row.timestamp, step=row.step)
