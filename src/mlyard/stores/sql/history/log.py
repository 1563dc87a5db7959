"""Logs metrics in SQL: points go to the tail of their run's history, and change the figures of their metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import isnan
from typing import Any

from sqlalchemy import Connection

from mlyard.domain.metrics import Metric
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history import chunks, late, tails
from mlyard.stores.sql.history.chunks import Pair
from mlyard.stores.sql.history.figures import figures, insert_figures, read_figures
from mlyard.stores.sql.history.points import Point, distinct

_KEEP = "ON CONFLICT DO NOTHING"
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


def log_points(connection: Connection, logged: Iterable[tuple[int, int, Metric]]) -> None:
    """Log points, given by run and key. The caller has locked the runs. Equal points are stored once."""
    by_metric: defaultdict[Pair, list[Point]] = defaultdict(list)
    for run, key, metric in logged:
        by_metric[run, key].append((metric.step, metric.timestamp, float(metric.value)))
    if not by_metric:
        return
    points = {pair: distinct(by_metric[pair]) for pair in sorted(by_metric)}
    stored = read_figures(connection, {run for run, _ in points}, {key for _, key in points})
    behind = {pair: found for pair, found in points.items() if pair in stored and _is_late(found[0], stored[pair])}
    new = {**points, **late.insert(connection, behind, {pair: stored[pair].length for pair in behind})}
    _append(connection, {pair: found for pair, found in points.items() if pair not in behind})
    rows = [figures(pair, found, stored.get(pair)) for pair, found in new.items() if found]
    insert_figures(connection, rows)


def log_model_points(connection: Connection, logged: Iterable[tuple[int, int, int, Metric]]) -> None:
    """Append points that belong to logged models, given as numbers of model, run and key, and the point."""
    rows = {
        (model, key, run, m.timestamp, m.step, m.dataset_name or "", m.dataset_digest or ""): (
            0.0 if isnan(m.value) else m.value,
            int(isnan(m.value)),
        )
        for model, run, key, m in logged
    }
    ordered = [(*identity, *value) for identity, value in sorted(rows.items())]
    dialect.insert(connection, tables.logged_model_metrics, _MODEL_POINT, ordered, _KEEP)


def _append(connection: Connection, points: Mapping[Pair, list[Point]]) -> None:
    by_run: defaultdict[int, dict[int, list[Point]]] = defaultdict(dict)
    for (run, key), found in points.items():
        by_run[run][key] = found
    long = tails.append(connection, by_run) if by_run else []
    if long:
        chunks.fold(connection, long)


def _is_late(first: Point, stored: Any) -> bool:
    """Whether a point may not be appended: a point was logged with the same place, or a later one."""
    return first[:2] <= (stored.step, stored.timestamp)
