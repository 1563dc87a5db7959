"""Reads the history of metrics: in pages, of several runs at once, and sampled for charts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, select

from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits
from mlyard.domain.metrics import Metric, Sampling
from mlyard.domain.page import PagedList
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Paginator, SortKey
from mlyard.stores.sql.runs import row_of
from mlyard.stores.sql.sampling import POINT, points_count, sample_points

_p, _l, _r = tables.metric_points.c, tables.latest_metrics.c, tables.runs.c
_BY_TIME = tuple(SortKey(column) for column in (_p.timestamp, _p.step, _p.value, _p.is_nan))
# The order of the primary key; the same as by time if the metric was logged in order.
_BY_STEP = tuple(SortKey(column) for column in POINT)


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
        by_step, by_time = (f"history {run_id} {key} {order}".encode() for order in ("step", "time"))
        if token:
            # The order may have changed since the first page, which began with this one.
            in_order = self._paginator.belongs(token, by_step)
        else:
            in_order = bool(connection.execute(select(_l.in_order).where(_l.run == run.id, _l.key == key)).scalar())
        order, scope = (_BY_STEP, by_step) if in_order else (_BY_TIME, by_time)
        statement = select(*POINT).where(_p.run == run.id, _p.key == key)
        return self._paginator.read(connection, statement, order, limit, token, scope)

    def history_bulk(self, run_ids: Sequence[str], key: str, max_results: int) -> list[Metric]:
        number = self._database.keys.find([key]).get(key)
        if number is None or max_results < 1:
            return []
        return self._database.read(lambda c: self._bulk(c, run_ids, key, number, max_results))

    def _bulk(
        self, connection: Connection, run_ids: Sequence[str], key: str, number: int, max_results: int
    ) -> list[Metric]:
        """The runs that fit are read with one statement, and the first that does not fit as a page."""
        numbers = _numbers(connection, run_ids)
        counts = _counts(connection, numbers.values(), number, max_results + 1)
        ordered = sorted(numbers)
        totals = list(accumulate(counts[numbers[run_id]] for run_id in ordered))
        fitting = bisect_right(totals, max_results)
        points = _points(connection, [numbers[run_id] for run_id in ordered[:fitting]], number)
        found = [metric for run_id in ordered[:fitting] for metric in _metrics(key, points[numbers[run_id]], run_id)]
        if fitting < len(ordered) and len(found) < max_results:
            rows, _ = self._page(connection, ordered[fitting], number, max_results - len(found), None)
            found += _metrics(key, rows, ordered[fitting])
        return found

    def sample(self, run_ids: Sequence[str], key: str, sampling: Sampling) -> list[Metric]:
        number = self._database.keys.find([key]).get(key)
        if number is None:
            return []
        return self._database.read(lambda c: _sample_runs(c, run_ids, key, number, sampling))


def _sample_runs(
    connection: Connection, run_ids: Sequence[str], key: str, number: int, sampling: Sampling
) -> list[Metric]:
    numbers = _numbers(connection, run_ids)
    points = sample_points(connection, list(numbers.values()), number, sampling)
    known = [run_id for run_id in dict.fromkeys(run_ids) if run_id in numbers]
    return [metric for run_id in known for metric in _metrics(key, points[numbers[run_id]], run_id)]


def _numbers(connection: Connection, run_ids: Sequence[str]) -> dict[str, int]:
    wanted = select(_r.id, _r.run_id).where(dialect.in_values(_r.run_id, run_ids))
    return {row.run_id: row.id for row in connection.execute(wanted)}


def _counts(connection: Connection, runs: Iterable[int], key: int, most: int) -> dict[int, int]:
    """How many points each run has. ``most``: stop counting a run there."""
    given = dialect.integer_table(connection, ("run",), [(run,) for run in runs])
    counts = connection.execute(select(given.c.run, points_count(given, key, most)))
    return {row.run: row[1] for row in counts}


def _points(connection: Connection, runs: Sequence[int], key: int) -> Mapping[int, list[Any]]:
    """All points of some runs, by time."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    order = (column.expression for column in _BY_TIME)
    wanted = select(_p.run, *POINT).where(dialect.in_values(_p.run, runs), _p.key == key).order_by(*order)
    for run, *point in connection.execute(wanted):
        found[run].append(point)
    return found


def _metrics(key: str, rows: Sequence[Any], run_id: str | None = None) -> list[Metric]:
    """Rows of ``POINT`` as points. They are unpacked, because access by name takes three times as long."""
    return [
        Metric(key=key, value=math.nan if is_nan else value, timestamp=timestamp, step=step, run_id=run_id)
        for step, timestamp, value, is_nan in rows
    ]
