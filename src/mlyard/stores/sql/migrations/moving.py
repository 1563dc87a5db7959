"""Moves the points of ``old_metric_points`` into tails and chunks, in transactions of a few seconds at most.

A metric whose points have all been moved has a row in ``latest_metrics``. They are moved in the order of the old
table's key, so what has been moved tells where to go on, whoever goes on: several processes may take turns, and one
that is killed loses a single batch of work. Meanwhile nobody else uses the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, groupby
from math import inf, nan
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    MetaData,
    SmallInteger,
    Table,
    bindparam,
    func,
    inspect,
    literal_column,
    select,
    tuple_,
)

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.history import chunks, tails
from mlyard.stores.sql.history.chunks import FULL, Chunk, Pair, read_chunks, read_points
from mlyard.stores.sql.history.columns import columns_of
from mlyard.stores.sql.history.figures import figures, figures_of_summary, insert_figures
from mlyard.stores.sql.history.points import Point, order_of
from mlyard.stores.sql.history.summaries import merge, summarize

_BATCH = 200_000
_SMALL = 64
"""A history with fewer points goes to the tail of its run, together with the run's other small ones."""

_ALL = (2**63 - 1, 2**63 - 1, inf, 2)
"""After all points of a metric."""

_old = Table(
    "old_metric_points",
    MetaData(),
    Column("run", BigInteger),
    Column("key", BigInteger),
    Column("step", BigInteger),
    Column("timestamp", BigInteger),
    Column("value", Float(53)),
    Column("is_nan", SmallInteger),
)
_l, _c = tables.latest_metrics.c, tables.metric_chunks.c
_NEXT = dialect.PreparedStatement(
    lambda: (
        select(_old)
        .where(tuple_(*_old.c) > tuple_(*(bindparam(column.name, type_=column.type) for column in _old.c)))
        .order_by(*_old.c)
        .limit(bindparam("most", type_=BigInteger()))
        .offset(literal_column("0"))  # SQLAlchemy would add one as a parameter
    )
)


class _Begun(NamedTuple):
    """A metric of which only the first points have been moved, all of them into full chunks."""

    pair: Pair
    chunks: Sequence[Chunk]


def move_points(database: Database, lock: Callable[[Connection], None], tell: Callable[[int, int], None]) -> None:
    """Move all points.

    ``lock`` makes other processes wait that do the same; ``tell`` is called with the number of points that this
    process has moved and the number that there were to move.
    """
    total, moved, some = database.write(lambda connection: _left(connection, lock)), 0, 1
    while some:
        tell(moved, total)
        some = database.write(lambda connection: _move_some(connection, lock))
        moved += some


def _left(connection: Connection, lock: Callable[[Connection], None]) -> int:
    """The number of points to move. Under the lock, because another process may be about to drop the table."""
    lock(connection)
    if not inspect(connection).has_table(_old.name):
        return 0
    every = connection.execute(select(func.count()).select_from(_old)).scalar_one()
    return int(every - (connection.execute(select(func.sum(_l.length))).scalar() or 0))


def _move_some(connection: Connection, lock: Callable[[Connection], None]) -> int:
    """Move the next points, and return how many; 0 when all have been moved."""
    lock(connection)
    if not inspect(connection).has_table(_old.name):
        return 0
    begun, after = _where(connection)
    names = [column.name for column in _old.c]
    most = max(_BATCH, FULL)
    rows = _NEXT.rows(connection, most=most, **dict(zip(names, after, strict=True)))
    histories = {pair: [_point(row) for row in found] for pair, found in groupby(rows, itemgetter(0, 1))}
    rest = histories.popitem() if len(rows) == most else None  # there may be more of it
    if begun and not (rest and rest[0] == begun.pair):
        _end(connection, begun, histories.pop(begun.pair, []))
    _store(connection, histories)
    if rest:
        full = rest[1][: len(rest[1]) // FULL * FULL]
        chunks.extend(connection, {rest[0]: full})
        return len(rows) - len(rest[1]) + len(full)
    return len(rows)


def _where(connection: Connection) -> tuple[_Begun | None, tuple[Any, ...]]:
    """The metric that is being moved, and the place in the old table from which to go on."""
    last = select(_l.run, _l.key).order_by(_l.run.desc(), _l.key.desc()).limit(1)
    done = tuple(connection.execute(last).first() or (0, 0))
    later = select(_c.run, _c.key).where(tuple_(_c.run, _c.key) > tuple_(*done)).limit(1)
    found = connection.execute(later).first()
    if found is None:
        return None, (*done, *_ALL)
    begun = _Begun((found.run, found.key), read_chunks(connection, found[:1], found[1:])[found.run, found.key])
    step, timestamp, value, is_nan = order_of(begun.chunks[-1].summary.last)
    return begun, (*begun.pair, step, timestamp, value, int(is_nan))


def _end(connection: Connection, begun: _Begun, points: Sequence[Point]) -> None:
    """Move the last points of a metric."""
    summaries = [chunk.summary for chunk in begun.chunks]
    if points:
        summaries.append(summarize(columns_of(points)))
        chunks.extend(connection, {begun.pair: points})
    last = begun.chunks[-1].id
    latest = chain(read_points(connection, [last])[last].points(), points)
    insert_figures(connection, [figures_of_summary(begun.pair, merge(summaries), latest)])


def _store(connection: Connection, histories: Mapping[Pair, list[Point]]) -> None:
    """Move whole histories."""
    chunks.extend(connection, {pair: points for pair, points in histories.items() if len(points) >= _SMALL})
    small: defaultdict[int, dict[int, list[Point]]] = defaultdict(dict)
    for (run, key), points in histories.items():
        if len(points) < _SMALL:
            small[run][key] = points
    long = tails.append(connection, small) if small else []
    if long:
        chunks.fold(connection, long)
    insert_figures(connection, [figures(pair, points) for pair, points in histories.items()])


def _point(row: Sequence[Any]) -> Point:
    _, _, step, timestamp, value, is_nan = row
    return step, timestamp, nan if is_nan else value
