"""Samples a history in the way of MLflow's route for charts: every n-th step, and the last. Spikes may be missing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from mlyard.domain.metrics import Sampling
from mlyard.stores.sql.history.chunks import Pair
from mlyard.stores.sql.history.columns import Columns, columns_of, joined
from mlyard.stores.sql.history.points import Point
from mlyard.stores.sql.history.reading import History, Piece, read_outlines, read_pieces

_EXACT = 100_000
"""Up to this many points, a history is read and sampled exactly; of a longer one, only the first of each block."""


def sample(connection: Connection, histories: Mapping[Pair, History], sampling: Sampling) -> dict[Pair, Columns]:
    """At most ``sampling.count`` points of each history, by step, including its first and its last place.

    A place is a step, or a time if all points have the same step. It is represented by its last point.
    """
    visible = {pair: [p for p in history if _is_inside(p, sampling)] for pair, history in histories.items()}
    short = {pair: pieces for pair, pieces in visible.items() if sum(p.summary.length for p in pieces) <= _EXACT}
    found = _points(connection, short)
    for pair in visible.keys() - short.keys():
        found[pair] = _first_of_blocks(connection, visible[pair])
    return {pair: columns_of(_spread(_inside(points, sampling), sampling.count)) for pair, points in found.items()}


def _is_inside(piece: Piece, sampling: Sampling) -> bool:
    if sampling.start is None or sampling.end is None:
        return True
    return piece.summary.first_step <= sampling.end and piece.summary.last_step >= sampling.start


def _inside(columns: Columns, sampling: Sampling) -> Columns:
    if sampling.start is None or sampling.end is None:
        return columns
    return columns.part(bisect_left(columns.steps, sampling.start), bisect_left(columns.steps, sampling.end + 1))


def _points(connection: Connection, histories: Mapping[Pair, Sequence[Piece]]) -> dict[Pair, Columns]:
    read = iter(read_pieces(connection, [piece for pieces in histories.values() for piece in pieces]))
    return {pair: joined(next(read) for _ in pieces) for pair, pieces in histories.items()}


def _first_of_blocks(connection: Connection, pieces: Sequence[Piece]) -> Columns:
    outlines = read_outlines(connection, pieces)
    blocks = [block for piece in pieces for block in outlines.get(piece.chunk or 0, [piece.summary])]
    return columns_of([*(block.first for block in blocks), pieces[-1].summary.last])


def _spread(columns: Columns, count: int) -> list[Point]:
    """The points at places number 0, n / count, 2 n / count, … of n, rounded up as in MLflow, and at the last."""
    if not columns.values:
        return []
    is_flat = columns.steps[0] == columns.steps[-1]
    by_place = dict(zip(columns.timestamps if is_flat else columns.steps, columns.points(), strict=True))
    places = list(by_place.values())
    if len(places) <= count:
        return places
    return [*(places[-(-number * len(places) // count)] for number in range(count - 1)), places[-1]]
