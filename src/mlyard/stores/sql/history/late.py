"""Late points: those that do not follow the latest point of their metric. They are inserted where they belong."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select, tuple_

from mlyard.stores.sql import tables
from mlyard.stores.sql.history import chunks, tails
from mlyard.stores.sql.history.chunks import Chunk, Pair
from mlyard.stores.sql.history.columns import columns_of
from mlyard.stores.sql.history.points import Point, distinct, order_of

_AT_ONCE = 256
"""How many chunks are in memory at the same time."""

_c = tables.metric_chunks.c


def insert(
    connection: Connection, late: Mapping[Pair, Sequence[Point]], lengths: Mapping[Pair, int]
) -> dict[Pair, list[Point]]:
    """Insert points anywhere into histories. The caller has locked the runs.

    ``lengths``: how many points each history has. Returns the points that are new, in order.
    """
    if not late:
        return {}
    _leave_tails(connection, late)
    growing = chunks.read_growing(connection, {run for run, _ in late}, {key for _, key in late})
    places: list[tuple[Pair, Chunk, list[Point]]] = []
    for pair, points in late.items():
        around = growing.get(pair, [])
        if not _is_among(points, around, lengths[pair]):
            around = _around(connection, pair, points)
        places += [(pair, chunk, more) for chunk, more in _by_chunk(around, points)]
    new: dict[Pair, list[Point]] = {pair: [] for pair in late}
    for start in range(0, len(places), _AT_ONCE):
        _insert(connection, places[start : start + _AT_ONCE], new)
    return new


def _leave_tails(connection: Connection, late: Mapping[Pair, Sequence[Point]]) -> None:
    """Move what the tails have of these metrics into chunks. The other metrics stay where they are."""
    found = tails.read(connection, {run for run, _ in late})
    moved = {(run, key): points for run, tail in found.items() for key, points in tail.items() if (run, key) in late}
    if moved:
        chunks.append(connection, moved)
        tails.replace(
            connection,
            {
                run: {key: points for key, points in found[run].items() if (run, key) not in moved}
                for run in {run for run, _ in moved}
            },
        )


def _is_among(points: Sequence[Point], growing: Sequence[Chunk], length: int) -> bool:
    """Whether points belong to growing chunks: they come after the first of them, or there are no others."""
    if growing and points[0][:2] > growing[0].summary.start:
        return True
    return sum(chunk.summary.length for chunk in growing) == length


def _around(connection: Connection, pair: Pair, points: Sequence[Point]) -> list[Chunk]:
    """The chunks from the one that the first point belongs to, up to the one that the last belongs to."""
    start = tuple_(_c.first_step, _c.first_timestamp)
    of_pair = select(_c.first_step, _c.first_timestamp).where(_c.run == pair[0], _c.key == pair[1])
    before = of_pair.where(start < tuple_(*points[0][:2])).order_by(_c.first_step.desc(), _c.first_timestamp.desc())
    first = connection.execute(before.limit(1)).first()
    if first is None:
        first = connection.execute(of_pair.order_by(_c.first_step, _c.first_timestamp).limit(1)).one()
    last = max(tuple(first), points[-1][:2])
    inside = (start >= tuple_(*first), start <= tuple_(*last))
    return chunks.read_chunks(connection, [pair[0]], [pair[1]], *inside)[pair]


def _by_chunk(around: Sequence[Chunk], points: Sequence[Point]) -> list[tuple[Chunk, list[Point]]]:
    """The points that belong to each chunk, in order."""
    starts = [order_of(chunk.summary.first) for chunk in around]
    found: defaultdict[int, list[Point]] = defaultdict(list)
    for point in points:
        found[max(0, bisect_right(starts, order_of(point)) - 1)].append(point)
    return [(around[number], more) for number, more in found.items()]


def _insert(
    connection: Connection, places: Sequence[tuple[Pair, Chunk, Sequence[Point]]], new: dict[Pair, list[Point]]
) -> None:
    """Insert points into their chunks, and add those that are new to ``new``."""
    stored = chunks.read_points(connection, [chunk.id for _, chunk, _ in places])
    replaced, rows = [], []
    for pair, chunk, more in places:
        old = list(stored[chunk.id].points())
        known = set(map(order_of, old))
        fresh = [point for point in more if order_of(point) not in known]
        if fresh:
            new[pair] += fresh
            replaced.append(chunk.id)
            rows += _even_pieces(pair, distinct([*old, *fresh]), chunk.growing)
    chunks.replace(connection, replaced, rows)


def _even_pieces(pair: Pair, points: Sequence[Point], growing: int) -> list[tuple[Any, ...]]:
    """Rows of about the same size, none larger than a full chunk."""
    count = -(-len(points) // chunks.FULL)
    edges = [number * len(points) // count for number in range(count + 1)]
    return [chunks.row_of(pair, columns_of(points[a:b]), growing) for a, b in pairwise(edges)]
