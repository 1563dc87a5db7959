"""Reads the history of metrics: in pages, and sampled for charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import ColumnElement, Connection, and_, func, select

from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits
from mlyard.domain.metrics import Metric, Sampling
from mlyard.domain.page import PagedList
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.runs import row_of

_p, _l, _r = tables.metric_points.c, tables.latest_metrics.c, tables.runs.c
_COLUMNS = (_p.step, _p.timestamp, _p.value, _p.is_nan)
_BY_TIME = tuple(SortKey(column) for column in (_p.timestamp, _p.step, _p.value, _p.is_nan))
# The order of the primary key; the same as by time if the metric was logged in order.
_BY_STEP = tuple(SortKey(column) for column in (_p.step, _p.timestamp, _p.value, _p.is_nan))
_EXACT = 20_000
"""Up to this many points, a history is read and sampled exactly; a longer one is sampled by index look-ups."""


class SqlMetrics:
    """ports.MetricStore."""

    def __init__(self, database: Database, paginator: Paginator) -> None:
        self._database = database
        self._paginator = paginator

    def history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        limit = limits.MAX_HISTORY if max_results is None else min(max_results, limits.MAX_HISTORY)
        if limit < 1:
            raise InvalidParameter(
                f"Invalid value {max_results} for parameter 'max_results' supplied: it must be at least 1."
            )
        number = self._database.keys.find([key]).get(key)
        rows, token = self._database.read(lambda c: self._page(c, run_id, number, limit, page_token))
        return PagedList(_metrics(key, rows), token)

    def _page(
        self, connection: Connection, run_id: str, key: int | None, limit: int, token: str | None
    ) -> tuple[Sequence[Any], str | None]:
        run = row_of(connection, run_id)
        if key is None:
            return [], None
        in_order = connection.execute(select(_l.in_order).where(_l.run == run.id, _l.key == key)).scalar()
        order = _BY_STEP if in_order else _BY_TIME
        statement = select(*_COLUMNS).where(_p.run == run.id, _p.key == key)
        return self._paginator.read(connection, statement, order, limit, token)

    def history_bulk(self, run_ids: Sequence[str], key: str, max_results: int) -> list[Metric]:
        found: list[Metric] = []
        for run_id in sorted(self._database.read(lambda c: _numbers(c, run_ids))):
            if len(found) < max_results:
                page = self.history(run_id, key, max_results - len(found))
                found += [structs.replace(metric, run_id=run_id) for metric in page]
        return found

    def sample(self, run_ids: Sequence[str], key: str, sampling: Sampling) -> list[Metric]:
        number = self._database.keys.find([key]).get(key)
        if number is None:
            return []
        return self._database.read(lambda c: _sample_runs(c, run_ids, key, number, sampling))


_ORDER = (_p.step, _p.timestamp, _p.value)


def _sample_runs(
    connection: Connection, run_ids: Sequence[str], key: str, number: int, sampling: Sampling
) -> list[Metric]:
    numbers = _numbers(connection, run_ids)
    found: list[Metric] = []
    for run_id in dict.fromkeys(run_ids):
        if run_id in numbers:
            rows = _sample(connection, and_(_p.run == numbers[run_id], _p.key == number), sampling)
            found += _metrics(key, rows, run_id)
    return found


def _numbers(connection: Connection, run_ids: Sequence[str]) -> dict[str, int]:
    wanted = select(_r.id, _r.run_id).where(dialect.in_values(_r.run_id, run_ids))
    return {row.run_id: row.id for row in connection.execute(wanted)}


def _sample(connection: Connection, of_metric: ColumnElement[bool], sampling: Sampling) -> Sequence[Any]:
    if sampling.start is not None and sampling.end is not None:
        of_metric = and_(of_metric, _p.step >= sampling.start, _p.step <= sampling.end)
    first, last = connection.execute(select(func.min(_p.step), func.max(_p.step)).where(of_metric)).one()
    if first is None:
        return []
    axis: ColumnElement[int] = _p.step
    if first == last:
        # No steps were logged: sample by time.
        axis, of_metric = _p.timestamp, and_(of_metric, _p.step == first)
        first, last = connection.execute(select(func.min(axis), func.max(axis)).where(of_metric)).one()
    marks = _marks(connection, of_metric, axis, (int(first), int(last)), sampling.count)
    most = 4 * sampling.count
    chosen = select(*_COLUMNS).where(of_metric, dialect.in_values(axis, marks)).order_by(*_ORDER)
    rows = connection.execute(chosen.limit(most)).all()
    if len(rows) == most:  # some marks have so many points that others are cut off
        rows = [_last_at(connection, and_(of_metric, axis == mark)) for mark in marks]
    # The last point at each mark.
    return list({getattr(row, str(axis.key)): row for row in rows}.values())[: sampling.count]


def _last_at(connection: Connection, place: ColumnElement[bool]) -> Any:
    backwards = (column.desc() for column in _ORDER)
    return connection.execute(select(*_COLUMNS).where(place).order_by(*backwards).limit(1)).one()


def _marks(
    connection: Connection,
    of_metric: ColumnElement[bool],
    axis: ColumnElement[int],
    ends: tuple[int, int],
    count: int,
) -> list[int]:
    """At most ``count`` positions on the axis that have points, including the first and the last."""
    some = select(axis).where(of_metric).order_by(axis).limit(_EXACT + 1)
    places = connection.execute(some).scalars().all()
    if len(places) <= _EXACT:
        return _spread(list(dict.fromkeys(places)), count)
    first, last = ends
    targets = [first + i * (last - first) // max(1, count - 1) for i in range(count)]
    given = dialect.integer_table(connection, targets)
    seek = select(axis).where(of_metric, axis >= given.c.value).order_by(axis).limit(1).scalar_subquery()
    return sorted({int(mark) for mark in connection.execute(select(seek).select_from(given)).scalars()})


def _spread(places: Sequence[int], count: int) -> list[int]:
    if len(places) <= count:
        return list(places)
    # Rounded up, as in MLflow.
    return [*(places[-(-i * len(places) // count)] for i in range(count - 1)), places[-1]]


def _metrics(key: str, rows: Sequence[Any], run_id: str | None = None) -> list[Metric]:
    """Rows of ``_COLUMNS`` as points. They are unpacked, because access by name takes three times as long."""
    return [
        Metric(key=key, value=math.nan if is_nan else value, timestamp=timestamp, step=step, run_id=run_id)
        for step, timestamp, value, is_nan in rows
    ]
