"""Metrics in SQL: an append-only history, and the latest point of each key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, select

from mlyard.domain.metrics import Metric
from mlyard.stores.sql import dialect, tables

_latest = tables.latest_metrics
_POINT = ("run", "key", "step", "timestamp", "value", "is_nan")
_LATEST = (*_POINT, "in_order")
_KEEP = "ON CONFLICT DO NOTHING"
_CHANGE = "ON CONFLICT (run, key) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in _LATEST[2:])
_MODEL_POINT = (
    "model",
    "key",
    "run",
    "timestamp",
    "step",
    "dataset_name",
    "dataset_digest",
    "value",
    "is_nan",
)


class Point(NamedTuple):
    """A row of the history."""

    run: int
    key: int
    step: int
    timestamp: int
    value: float
    is_nan: int

    @property
    def rank(self) -> tuple[int, int, int, float]:
        """The latest point of a metric has the largest rank. At the same time, NaN ranks below numbers."""
        return _rank(self)


def log_points(connection: Connection, logged: Iterable[tuple[int, int, Metric]]) -> None:
    """Append points, given by run and key. The caller has locked the runs. Equal points are stored once."""
    points = [_point(run, key, metric) for run, key, metric in logged]
    if not points:
        return
    dialect.insert(connection, tables.metric_points, _POINT, sorted(set(points)), _KEEP)
    by_metric: dict[tuple[int, int], list[Point]] = {}
    for point in points:
        by_metric.setdefault((point.run, point.key), []).append(point)
    stored = _stored_latest(connection, by_metric)
    changed = [_newest(pair, stored.get(pair), by_metric[pair]) for pair in sorted(by_metric)]
    dialect.insert(connection, _latest, _LATEST, [row for row in changed if row is not None], _CHANGE)


def log_model_points(connection: Connection, logged: Iterable[tuple[int, int, int, Metric]]) -> None:
    """Append points that belong to logged models, given as numbers of model, run and key, and the point."""
    rows = {
        (model, key, run, m.timestamp, m.step, m.dataset_name or "", m.dataset_digest or ""): (
            0.0 if math.isnan(m.value) else m.value,
            int(math.isnan(m.value)),
        )
        for model, run, key, m in logged
    }
    ordered = [(*identity, *value) for identity, value in sorted(rows.items())]
    dialect.insert(connection, tables.logged_model_metrics, _MODEL_POINT, ordered, _KEEP)


def value_of(row: Any) -> float:
    """The value of a row."""
    return math.nan if row.is_nan else float(row.value)


def _point(run: int, key: int, metric: Metric) -> Point:
    is_nan = math.isnan(metric.value)
    return Point(run, key, metric.step, metric.timestamp, 0.0 if is_nan else metric.value, int(is_nan))


def _stored_latest(connection: Connection, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    runs, keys = {run for run, _ in pairs}, {key for _, key in pairs}
    found = _STORED.records(connection, runs=list(runs), keys=list(keys))
    return {(row.run, row.key): row for row in found}


_STORED = dialect.PreparedStatement(
    lambda: select(_latest).where(
        dialect.is_in(_latest.c.run, dialect.list_of("runs", BigInteger())),
        dialect.is_in(_latest.c.key, dialect.list_of("keys", BigInteger())),
    )
)


def _newest(pair: tuple[int, int], stored: Any, points: Sequence[Point]) -> tuple[Any, ...] | None:
    """The new row for a metric's latest point; None if it does not change."""
    newest = max(points, key=lambda point: point.rank)
    in_order = all(_follows(a, b) for a, b in pairwise(points))
    if stored is not None:
        in_order = in_order and bool(stored.in_order) and _follows(stored, points[0])
        if newest.rank <= _rank(stored):
            newest = Point(*pair, stored.step, stored.timestamp, stored.value, stored.is_nan)
            if in_order == bool(stored.in_order):
                return None
    return (*newest, int(in_order))


def _rank(point: Any) -> tuple[int, int, int, float]:
    return point.step, point.timestamp, -point.is_nan, point.value


def _follows(before: Any, after: Any) -> bool:
    return bool(before.step <= after.step and before.timestamp <= after.timestamp)
