"""Chunks: pieces of a metric's history, packed, with a summary of the whole and an outline of its blocks.

The chunks of a metric have no points in common and do not overlap. Those at the end of a history grow: a fold adds a
small chunk, and enough small chunks become one of the next size, so that a point is rewritten a few times at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, func, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.history import columns, summaries, tails
from mlyard.stores.sql.history.columns import Columns, columns_of, joined
from mlyard.stores.sql.history.points import Point, order_of
from mlyard.stores.sql.history.summaries import Summary

FULL = 4096
"""The number of points of a chunk that does not grow any more."""

Pair = tuple[int, int]
"""A run and a key."""

_SIZES = (64, 512, FULL)
_PAIRS_AT_ONCE = 1000
_MOST_MERGED = 1_000_000
"""Limits of what is done at once, for runs with many keys: metrics in memory, and points that are merged."""

_c = tables.metric_chunks.c
_CHUNK = (_c.run, _c.key, _c.id, _c.growing, _c.summary)
COLUMNS = ("run", "key", "first_step", "first_timestamp", "growing", "summary", "outline", "points")


class Chunk(NamedTuple):
    """A stored chunk, without its points."""

    id: int
    growing: int
    summary: Summary


def fold(connection: Connection, runs: Collection[int]) -> None:
    """Move the tails of runs into chunks. The caller has locked the runs."""
    tail = tails.read(connection, runs)
    append(connection, {(run, key): points for run, found in tail.items() for key, points in found.items()})
    tails.clear(connection, runs)


def finish(connection: Connection, run: int) -> None:
    """Fold the tail of a run that has ended, where that makes fewer rows of it. The caller has locked the run."""
    tail = tails.read(connection, [run]).get(run, {})
    rows = tails.lengths(connection, [run]).get(run, 0)
    growing = dict(_COUNTS.rows(connection, runs=[run]))
    if rows <= len(tail) and not growing:
        return
    several = {key for key, count in growing.items() if count > 1}
    append(connection, {(run, key): tail.get(key, []) for key in tail.keys() | several}, finish=True)
    tails.clear(connection, [run])


def append(connection: Connection, added: Mapping[Pair, Sequence[Point]], *, finish: bool = False) -> None:
    """Add points to the ends of histories, as chunks. The caller has locked the runs.

    Small chunks become larger ones, but only so many at once: the rest has its turn another time. ``finish``: leave no
    small chunks.
    """
    pairs, left = sorted(added), _MOST_MERGED
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        left -= _append(connection, {pair: added[pair] for pair in pairs[start : start + _PAIRS_AT_ONCE]}, left, finish)


def _append(connection: Connection, added: Mapping[Pair, Sequence[Point]], left: int, finish: bool) -> int:
    """``append`` for some metrics. At most ``left`` stored points are merged with others; returns how many were."""
    growing = read_growing(connection, {run for run, _ in added}, {key for _, key in added})
    merged: dict[Pair, list[Chunk]] = {}
    total = 0
    for pair, points in added.items():
        chunks = growing.get(pair, [])
        count = len(chunks) if finish else mergeable([c.summary.length for c in chunks], len(points))
        merged[pair] = chunks[len(chunks) - count :]
        size = sum(chunk.summary.length for chunk in merged[pair])
        if total + size > left and len(points) < FULL:  # full chunks must not follow growing ones
            merged[pair], size = [], 0
        total += size
    stored = read_points(connection, [chunk.id for chunks in merged.values() for chunk in chunks])
    parts = {pair: [*(stored[chunk.id] for chunk in merged[pair]), columns_of(added[pair])] for pair in added}
    replace(connection, list(stored), [row for pair in parts for row in pieces(pair, joined(parts[pair]))])
    return total


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


def extend(connection: Connection, histories: Mapping[Pair, Sequence[Point]]) -> None:
    """Add points to the ends of histories without growing chunks."""
    replace(connection, [], [row for pair, points in histories.items() for row in pieces(pair, columns_of(points))])


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


def read_growing(connection: Connection, runs: Collection[int], keys: Collection[int]) -> dict[Pair, list[Chunk]]:
    """The chunks that grow, in order: the last ones of each history."""
    return _by_pair(_GROWING.rows(connection, runs=list(runs), keys=list(keys)))


_RUN_GROWS = dialect.is_in(_c.run, dialect.list_of("runs", BigInteger())), tables.GROWING
_HAS_KEY = dialect.is_in(_c.key, dialect.list_of("keys", BigInteger()))
_GROWING = dialect.PreparedStatement(lambda: select(*_CHUNK).where(*_RUN_GROWS, _HAS_KEY))
_COUNTS = dialect.PreparedStatement(lambda: select(_c.key, func.count()).where(*_RUN_GROWS).group_by(_c.key))


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
    return [row_of(pair, part, int(len(part.values) < FULL)) for part in parts]


def row_of(pair: Pair, part: Columns, growing: int) -> tuple[Any, ...]:
    """The row of a chunk."""
    blocks = summaries.outline(part)
    summary = summaries.merge(blocks)
    outline = summaries.pack(blocks) if len(blocks) > 1 else b""
    return (*pair, *summary.start, growing, summaries.pack([summary]), outline, columns.pack(part))


def replace(connection: Connection, ids: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows in the place of chunks."""
    if ids:
        connection.execute(delete(tables.metric_chunks).where(dialect.in_values(_c.id, ids)))
    dialect.insert(connection, tables.metric_chunks, COLUMNS, rows)
