"""The store of metrics: reads histories in pages, whole, of several runs at once, and sampled for charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import TypeVar

from sqlalchemy import Connection

from mlyard.core.errors import InvalidParameter
from mlyard.domain import limits
from mlyard.domain.metrics import Figures, Metric, Sampling, Series
from mlyard.domain.page import PagedList
from mlyard.stores.sql import dialect
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.history import charts, sampling
from mlyard.stores.sql.history.chunks import Pair
from mlyard.stores.sql.history.columns import Columns, joined
from mlyard.stores.sql.history.figures import figures_of, read_figures
from mlyard.stores.sql.history.names import Names, read_names
from mlyard.stores.sql.history.pages import page_by_step, page_by_time
from mlyard.stores.sql.history.points import Point, time_order_of
from mlyard.stores.sql.history.reading import History, loaded, read_histories, read_pieces
from mlyard.stores.sql.paging import Paginator
from mlyard.stores.sql.runs import row_of

T = TypeVar("T")

_AT_ONCE = 250_000
"""About how many points of histories are read in one snapshot."""


class SqlMetrics:
    """ports.MetricStore."""

    def __init__(self, database: Database, paginator: Paginator) -> None:
        self._database = database
        self._paginator = paginator

    def history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        page = self.timeline(run_id, key, max_results, page_token)
        return PagedList(page.metrics(), page.token)

    def timeline(self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None) -> Series:
        limit = limits.MAX_HISTORY if max_results is None else min(max_results, limits.MAX_HISTORY)
        if limit < 1:
            raise InvalidParameter(
                f"Invalid value {max_results} for parameter 'max_results' supplied: it must be at least 1."
            )
        scope = f"history {run_id} {key}".encode(errors="surrogatepass")  # the database refuses what is not Unicode
        after = self._paginator.values(page_token, scope) if page_token else None
        number = self._database.keys.find([key]).get(key)

        def work(connection: Connection) -> Columns:
            run = row_of(connection, run_id).id
            history = read_histories(connection, [run], [number]).get((run, number), ()) if number else ()
            return page_by_time(connection, history, after, limit + 1)

        page = self._snapshot(work)
        if len(page.values) <= limit:
            return _series(run_id, key, page)
        *_, last = page.part(limit - 1, limit).points()
        return _series(run_id, key, page.part(0, limit), self._paginator.token(time_order_of(last), scope))

    def history_bulk(self, run_ids: Sequence[str], key: str, max_results: int) -> list[Metric]:
        wanted = self._database.keys.find([key])
        found: list[Metric] = []
        for series in self._snapshot(lambda c: self._first(c, sorted(set(run_ids)), wanted, max_results)):
            found += series.metrics(with_run=True)
        return found[: max(0, max_results)]

    def _first(
        self, connection: Connection, run_ids: Sequence[str], key: Mapping[str, int], count: int
    ) -> list[Series]:
        """The histories of as many runs as are needed for so many points, each by time."""
        names = read_names(connection, self._database.keys, run_ids, key)
        lengths = {pair: row.length for pair, row in read_figures(connection, *names.numbers()).items()}
        known = list(names.named(lengths))
        before = accumulate((length for _, _, length in known), initial=0)
        names = names.of_runs([run_id for (run_id, _, _), passed in zip(known, before, strict=False) if passed < count])
        short = {pair for pair, length in lengths.items() if length <= count}
        histories = read_histories(connection, *names.numbers())
        histories |= loaded(connection, {pair: history for pair, history in histories.items() if pair in short})
        pages = {pair: page_by_time(connection, history, None, count) for pair, history in histories.items()}
        return _named(names, pages)

    def sample(self, run_ids: Sequence[str], key: str, sampled: Sampling) -> list[Metric]:
        found = self._draw(run_ids, [key], lambda c, histories: sampling.sample(c, histories, sampled))
        return [metric for series in found for metric in series.metrics(with_run=True)]

    def charts(self, run_ids: Sequence[str], keys: Sequence[str], sampled: Sampling) -> list[Series]:
        return self._draw(run_ids, keys, lambda c, histories: charts.draw(c, histories, sampled))

    def _draw(
        self,
        run_ids: Sequence[str],
        keys: Sequence[str],
        draw: Callable[[Connection, Mapping[Pair, History]], Mapping[Pair, Columns]],
    ) -> list[Series]:
        wanted = self._wanted(keys)

        def work(connection: Connection) -> list[Series]:
            names = read_names(connection, self._database.keys, run_ids, wanted)
            return _named(names, draw(connection, read_histories(connection, *names.numbers())))

        return self._snapshot(work)

    def figures(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> list[Figures]:
        wanted = self._wanted(keys)

        def work(connection: Connection) -> list[Figures]:
            names = read_names(connection, self._database.keys, run_ids, wanted)
            rows = read_figures(connection, *names.numbers())
            return [figures_of(run_id, key, row) for run_id, key, row in names.named(rows)]

        return self._snapshot(work)

    def series(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> Iterator[Series]:
        wanted = self._wanted(keys)
        for batch in self._snapshot(lambda c: self._batches(c, run_ids, wanted)):
            if len(batch.runs) == len(batch.keys) == 1:
                yield from self._long(batch)
            else:
                yield from self._snapshot(partial(_whole, names=batch))

    def _wanted(self, keys: Sequence[str]) -> Mapping[str, int] | None:
        """The numbers of keys; None, which means all keys, if none are given.

        It needs a connection of its own, so it must not be called by work that already has one.
        """
        found = self._database.keys.find(keys)
        return {key: found[key] for key in dict.fromkeys(keys) if key in found} if keys else None

    def _batches(self, connection: Connection, run_ids: Sequence[str], keys: Mapping[str, int] | None) -> list[Names]:
        names = read_names(connection, self._database.keys, run_ids, keys)
        rows = read_figures(connection, *names.numbers())
        return list(names.batches({pair: row.length for pair, row in rows.items()}, _AT_ONCE))

    def _long(self, names: Names) -> Iterator[Series]:
        """A single history, however long, with only a part of it in memory."""
        ((run_id, run),), ((key, number),) = names.runs.items(), names.keys.items()
        pair = run, number
        page = self._snapshot(partial(_page, pair=pair, after=None))
        while page.values:
            yield _series(run_id, key, page)
            *_, last = page.part(-1).points()
            page = self._snapshot(partial(_page, pair=pair, after=last))

    def _snapshot(self, work: Callable[[Connection], T]) -> T:
        def inside(connection: Connection) -> T:
            with dialect.snapshot(connection):
                return work(connection)

        return self._database.read(inside)


def _page(connection: Connection, *, pair: Pair, after: Point | None) -> Columns:
    history = read_histories(connection, pair[:1], pair[1:]).get(pair, ())
    return page_by_step(connection, history, after, _AT_ONCE)


def _whole(connection: Connection, *, names: Names) -> list[Series]:
    histories = loaded(connection, read_histories(connection, *names.numbers()))
    return _named(names, {pair: joined(read_pieces(connection, history)) for pair, history in histories.items()})


def _named(names: Names, found: Mapping[Pair, Columns]) -> list[Series]:
    return [_series(run_id, key, columns) for run_id, key, columns in names.named(found)]


def _series(run_id: str, key: str, columns: Columns, token: str | None = None) -> Series:
    return Series(
        run_id=run_id,
        key=key,
        steps=columns.steps,
        timestamps=columns.timestamps,
        values=columns.values,
        token=token,
    )
