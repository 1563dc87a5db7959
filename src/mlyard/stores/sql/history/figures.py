"""The figures of a metric: the latest point, the number of points, the first value, the smallest and the largest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isnan, nan
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, FromClause, case, func, select

from mlyard.domain.metrics import Figures
from mlyard.search.ast import Kind
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history.chunks import Pair
from mlyard.stores.sql.history.points import Point, order_of
from mlyard.stores.sql.history.summaries import Summary

_latest = tables.latest_metrics
_FIGURES = tuple(column.name for column in _latest.columns)
_CHANGE = "ON CONFLICT (run, key) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in _FIGURES[2:])
_STORED = dialect.PreparedStatement(
    lambda: select(_latest).where(
        dialect.is_in(_latest.c.run, dialect.list_of("runs", BigInteger())),
        dialect.is_in(_latest.c.key, dialect.list_of("keys", BigInteger())),
    )
)


def figures(pair: Pair, points: Sequence[Point], stored: Any = None) -> tuple[Any, ...]:
    """The row of ``latest_metrics`` after points were added, which are new and in order, to what ``stored`` tells."""
    # The last point has the largest value at its place, unless it is NaN.
    newest = max(points, key=_rank) if isnan(points[-1][2]) else points[-1]
    first, length, numbers = points[0], len(points), [value for _, _, value in points if not isnan(value)]
    nans, total = length - len(numbers), sum(numbers, 0.0)
    low, high = min(numbers, default=None), max(numbers, default=None)
    if stored is not None:
        newest = max(newest, _newest(stored), key=_rank)
        first = min(first, _first(stored), key=order_of)
        length, nans, total = length + stored.length, nans + stored.nans, total + _total(stored)
        low = min((each for each in (low, stored.minimum) if each is not None), default=None)
        high = max((each for each in (high, stored.maximum) if each is not None), default=None)
    return (*pair, *_latest_point(newest), length, nans, *_first_point(first), low, high, _number(total))


def figures_of_summary(pair: Pair, summary: Summary, last: Iterable[Point]) -> tuple[Any, ...]:
    """The row of ``latest_metrics`` for a whole history. ``last``: at least all points at the last place."""
    latest, first = _latest_point(max(last, key=_rank)), _first_point(summary.first)
    low, high, total = map(_number, (summary.low_value, summary.high_value, summary.total))
    return (*pair, *latest, summary.length, summary.nans, *first, low, high, total)


def insert_figures(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert or replace rows that ``figures`` made."""
    dialect.insert(connection, _latest, _FIGURES, rows, _CHANGE)


def figures_of(run_id: str, key: str, row: Any) -> Figures:
    """The figures in a row of ``latest_metrics``."""
    numbers = row.length - row.nans
    low, high = (nan if each is None else each for each in (row.minimum, row.maximum))
    return Figures(
        run_id=run_id,
        key=key,
        count=row.length,
        step=row.step,
        timestamp=row.timestamp,
        last=_newest(row)[2],
        first=_first(row)[2],
        min=low,
        max=high,
        mean=_total(row) / numbers if numbers else nan,
    )


def read_figures(connection: Connection, runs: Collection[int], keys: Collection[int]) -> dict[Pair, Any]:
    """The rows of ``latest_metrics`` of some runs and keys."""
    found = _STORED.records(connection, runs=list(runs), keys=list(keys))
    return {(row.run, row.key): row for row in found}


def _table(value: ColumnElement[Any]) -> FromClause:
    """A figure of each metric, in the form of ``latest_metrics``. It is NaN where it is NULL."""
    number = func.coalesce(value, 0.0).label("value")
    is_nan = case((value.is_(None), 1), else_=0).label("is_nan")
    return select(_latest.c.run, _latest.c.key, number, is_nan).subquery()


FIGURE_TABLES: Mapping[Kind, FromClause] = {
    "metric.first": _table(_latest.c.first_value),
    "metric.max": _table(_latest.c.maximum),
    "metric.mean": _table(_latest.c.total / func.nullif(_latest.c.length - _latest.c.nans, 0)),
    "metric.min": _table(_latest.c.minimum),
}
"""Where searches find the figures."""


def _rank(point: Point) -> tuple[int, int, bool, float]:
    """The latest point of a metric has the largest rank. At the same place, NaN ranks below numbers."""
    step, timestamp, value = point
    return (step, timestamp, False, 0.0) if isnan(value) else (step, timestamp, True, value)


def _newest(stored: Any) -> Point:
    return stored.step, stored.timestamp, nan if stored.is_nan else stored.value


def _first(stored: Any) -> Point:
    value = stored.first_value
    return stored.first_step, stored.first_timestamp, nan if value is None else value


def _total(stored: Any) -> float:
    """The sum of all numbers. Stored as NULL, it is NaN: infinities of both signs."""
    return nan if stored.total is None else float(stored.total)


def _latest_point(point: Point) -> tuple[int, int, float, int]:
    step, timestamp, value = point
    return (step, timestamp, 0.0, 1) if isnan(value) else (step, timestamp, value, 0)


def _first_point(point: Point) -> tuple[int, int, float | None]:
    return point[0], point[1], _number(point[2])


def _number(value: float) -> float | None:
    """What is stored for a value that can be NaN, which SQLite does not know and PostgreSQL sorts last."""
    return None if isnan(value) else value
