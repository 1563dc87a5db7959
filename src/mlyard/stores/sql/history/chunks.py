"""Chunks: pieces of a metric's history, packed, with a summary of the whole and an outline of its blocks.

The chunks of a metric have no points in common and do not overlap. Those at the end of a history grow: a fold adds a
small chunk, and enough small chunks become one of the next size, so that a point is rewritten three times at most.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, select, tuple_

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history import columns, summaries, tails
from mlyard.stores.sql.history.columns import Columns, columns_of, joined
from mlyard.stores.sql.history.points import Point, distinct, order_of
from mlyard.stores.sql.history.summaries import Summary

FULL = 4096
"""The number of points of a chunk that does not grow any more."""

Pair = tuple[int, int]
"""A run and a key."""

_SIZES = (512, FULL)
_c = tables.metric_chunks.c
_CHUNK = (_c.run, _c.key, _c.id, _c.growing, _c.summary)
COLUMNS = ("run", "key", "first_step", "first_timestamp", "growing", "summary", "outline", "points")


class Chunk(NamedTuple):
    """A stored chunk, without its points."""

    id: int
    growing: int
    summary: Summary


def fold(connection: Connection, runs: Collection[int], *, finish: bool = False) -> None:
    """Move the tails of runs into chunks. The caller has locked the runs. ``finish``: leave no small chunks."""
    added = {(run, key): points for run, tail in tails.read(connection, runs).items() for key, points in tail.items()}
    growing = _growing(connection, runs, None if finish else {key for _, key in added})
    taken: dict[Pair, list[Chunk]] = {}
    for pair in growing if finish else added:
        chunks = growing.get(pair, [])
        count = len(chunks) if finish else mergeable([c.summary.length for c in chunks], len(added[pair]))
        taken[pair] = chunks[len(chunks) - count :]
    stored = read_points(connection, [chunk.id for chunks in taken.values() for chunk in chunks])
    rows: list[tuple[Any, ...]] = []
    for pair in sorted(added.keys() | taken.keys()):
        old = taken.get(pair, [])
        if pair in added or len(old) > 1:
            parts = [*(stored[chunk.id] for chunk in old), columns_of(added.get(pair, []))]
            rows += pieces(pair, joined(parts))
        else:
            taken.pop(pair)
    _replace(connection, [chunk.id for chunks in taken.values() for chunk in chunks], rows)
    tails.clear(connection, runs)


def finish(connection: Connection, run: int) -> None:
    """Fold the tail of a run that has ended, where that makes fewer rows of it."""
    tail = tails.read(connection, [run]).get(run, {})
    rows = tails.lengths(connection, [run]).get(run, 0)
    if rows > len(tail) or _growing(connection, [run], None):
        fold(connection, [run], finish=True)


def mergeable(sizes: Sequence[int], added: int) -> int:
    """How many of the last growing chunks become one with new points.

    All of them if that fills a chunk, because none may grow before one that does not.
    """
    count = 0
    for size in _SIZES:
        reach = count
        while reach < len(sizes) and sizes[-1 - reach] < size:
            reach += 1
        if added + sum(sizes[len(sizes) - reach :]) < size:
            return count
        count = reach
    return len(sizes)


def insert(connection: Connection, late: Mapping[Pair, Sequence[Point]]) -> dict[Pair, list[Point]]:
    """Insert points anywhere into histories. The caller has locked the runs. Returns those that are new, in order."""
    if late:
        fold(connection, {run for run, _ in late})
    return {pair: _insert(connection, pair, points) for pair, points in late.items()}


def _insert(connection: Connection, pair: Pair, points: Sequence[Point]) -> list[Point]:
    chunks = _around(connection, pair, points)
    if not chunks:
        _replace(connection, [], pieces(pair, columns_of(points)))
        return list(points)
    starts = [order_of(chunk.summary.first) for chunk in chunks]
    by_chunk: defaultdict[Chunk, list[Point]] = defaultdict(list)
    for point in points:
        by_chunk[chunks[max(0, bisect_right(starts, order_of(point)) - 1)]].append(point)
    stored = read_points(connection, [chunk.id for chunk in by_chunk])
    new: list[Point] = []
    replaced, rows = [], []
    for chunk, more in by_chunk.items():
        old = list(stored[chunk.id].points())
        known = set(map(order_of, old))
        fresh = [point for point in more if order_of(point) not in known]
        if fresh:
            new += fresh
            replaced.append(chunk.id)
            rows += _even_pieces(pair, distinct([*old, *fresh]), chunk.growing)
    _replace(connection, replaced, rows)
    return new


def _around(connection: Connection, pair: Pair, points: Sequence[Point]) -> list[Chunk]:
    """The chunks from the one that the first point belongs to, up to the one that the last belongs to."""
    start = tuple_(_c.first_step, _c.first_timestamp)
    of_pair = select(_c.first_step, _c.first_timestamp).where(_c.run == pair[0], _c.key == pair[1])
    before = of_pair.where(start < tuple_(*points[0][:2])).order_by(_c.first_step.desc(), _c.first_timestamp.desc())
    first = connection.execute(before.limit(1)).first()
    if first is None:
        first = connection.execute(of_pair.order_by(_c.first_step, _c.first_timestamp).limit(1)).first()
    if first is None:
        return []
    last = max(tuple(first), points[-1][:2])
    inside = (start >= tuple_(*first), start <= tuple_(*last))
    return read_chunks(connection, [pair[0]], [pair[1]], *inside)[pair]


def extend(connection: Connection, histories: Mapping[Pair, Sequence[Point]]) -> None:
    """Add points to the ends of histories without growing chunks."""
    _replace(connection, [], [row for pair, points in histories.items() for row in pieces(pair, columns_of(points))])


def read_chunks(
    connection: Connection, runs: Collection[int], keys: Collection[int], *conditions: ColumnElement[bool]
) -> dict[Pair, list[Chunk]]:
    """The chunks of each run and key that has any, in order."""
    wanted = (dialect.in_values(_c.run, runs), dialect.in_values(_c.key, keys), *conditions)
    return _by_pair(connection.execute(select(*_CHUNK).where(*wanted)).all())


def read_points(connection: Connection, ids: Sequence[int]) -> dict[int, Columns]:
    """The points of chunks, by the chunk's id."""
    return {number: columns.unpack(packed) for number, packed in _POINTS.rows(connection, ids=ids)} if ids else {}


_POINTS = dialect.PreparedStatement(
    lambda: select(_c.id, _c.points).where(dialect.is_in(_c.id, dialect.list_of("ids", BigInteger())))
)


def _growing(connection: Connection, runs: Collection[int], keys: Collection[int] | None) -> dict[Pair, list[Chunk]]:
    """The growing chunks of some keys, or of all."""
    if keys is None:
        return _by_pair(_GROWING.rows(connection, runs=list(runs)))
    return _by_pair(_GROWING_OF_KEYS.rows(connection, runs=list(runs), keys=list(keys)))


_RUN_GROWS = dialect.is_in(_c.run, dialect.list_of("runs", BigInteger())), tables.GROWING
_HAS_KEY = dialect.is_in(_c.key, dialect.list_of("keys", BigInteger()))
_GROWING = dialect.PreparedStatement(lambda: select(*_CHUNK).where(*_RUN_GROWS))
_GROWING_OF_KEYS = dialect.PreparedStatement(lambda: select(*_CHUNK).where(*_RUN_GROWS, _HAS_KEY))


def _by_pair(rows: Iterable[Any]) -> dict[Pair, list[Chunk]]:
    found: defaultdict[Pair, list[Chunk]] = defaultdict(list)
    for run, key, number, growing, packed in rows:
        found[run, key].append(Chunk(number, growing, summaries.unpack(packed)[0]))
    for chunks in found.values():
        chunks.sort(key=lambda chunk: order_of(chunk.summary.first))
    return found


def pieces(pair: Pair, whole: Columns) -> list[tuple[Any, ...]]:
    """Rows for the end of a history: as many full chunks as there are, and one that grows."""
    parts = (whole.part(start, start + FULL) for start in range(0, len(whole.values), FULL))
    return [_row(pair, part, int(len(part.values) < FULL)) for part in parts]


def _even_pieces(pair: Pair, points: Sequence[Point], growing: int) -> list[tuple[Any, ...]]:
    """Rows of about the same size, none larger than a full chunk."""
    count = -(-len(points) // FULL)
    edges = [number * len(points) // count for number in range(count + 1)]
    return [_row(pair, columns_of(points[a:b]), growing) for a, b in pairwise(edges)]


def _row(pair: Pair, part: Columns, growing: int) -> tuple[Any, ...]:
    blocks = summaries.outline(part)
    summary = summaries.merge(blocks)
    outline = summaries.pack(blocks) if len(blocks) > 1 else b""
    return (*pair, *summary.start, growing, summaries.pack([summary]), outline, columns.pack(part))


def _replace(connection: Connection, ids: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> None:
    if ids:
        connection.execute(delete(tables.metric_chunks).where(dialect.in_values(_c.id, ids)))
    dialect.insert(connection, tables.metric_chunks, COLUMNS, rows)
