"""Pages of a history: by time, as MLflow's clients want it, and by step, as it is stored."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from mlyard.stores.sql.history.columns import Columns, columns_of, joined
from mlyard.stores.sql.history.points import Point, order_of, time_order_of
from mlyard.stores.sql.history.reading import History, Piece, read_pieces

_AT_ONCE = 8
"""How many pieces are in memory at the same time."""


def page_by_time(connection: Connection, history: History, after: Sequence[Any] | None, limit: int) -> Columns:
    """At most ``limit`` points, sorted by timestamp, then step and value.

    ``after``: what ``time_order_of`` gives for the last point of the page before, or None for the first page.
    """
    page = columns_of(())
    start = None if after is None else tuple(after)
    left = sorted((p for p in history if start is None or p.summary.latest >= start[0]), key=_earliest)
    for piece, columns in _read_in_turn(connection, left):
        if len(page.values) >= limit and piece.summary.earliest > page.timestamps[limit - 1]:
            break
        page = _merged(page, _after(_by_time(columns), start)).part(0, limit)
    return page


def page_by_step(connection: Connection, history: History, after: Point | None, limit: int) -> Columns:
    """The points after a point, or the first ones, in order: about ``limit``, in whole pieces. Empty at the end."""
    page = columns_of(())
    left = [piece for piece in history if after is None or piece.summary.end >= after[:2]]
    for _, columns in _read_in_turn(connection, left):
        passed = 0 if after is None or page.values else sum(order_of(p) <= order_of(after) for p in columns.points())
        page = joined([page, columns.part(passed)])
        if len(page.values) >= limit:
            break
    return page


def _read_in_turn(connection: Connection, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Columns]]:
    for start in range(0, len(pieces), _AT_ONCE):
        some = pieces[start : start + _AT_ONCE]
        yield from zip(some, read_pieces(connection, some), strict=True)


def _earliest(piece: Piece) -> tuple[int, int, int]:
    return piece.summary.earliest, *piece.summary.start


def _by_time(columns: Columns) -> Columns:
    """The points of a piece by time. That is their order already, unless time went back where steps went on."""
    timestamps = columns.timestamps.tolist()
    if timestamps == sorted(timestamps):
        return columns
    return columns_of(sorted(columns.points(), key=time_order_of))


def _after(columns: Columns, start: tuple[Any, ...] | None) -> Columns:
    if start is None or not columns.values or columns.timestamps[0] > start[0]:
        return columns
    number = bisect_left(columns.timestamps, start[0])
    rest = columns.part(number)
    passed = sum(time_order_of(p) <= start for p in _at(rest, start[0]))
    return rest.part(passed)


def _at(columns: Columns, timestamp: int) -> Iterator[Point]:
    for point in columns.points():
        if point[1] > timestamp:
            return
        yield point


def _merged(page: Columns, more: Columns) -> Columns:
    """Both, sorted by time. ``page`` is empty or sorted, and so is ``more``."""
    if page.values and more.values and _first(more) < _last(page):
        return columns_of(sorted([*page.points(), *more.points()], key=time_order_of))
    return joined([page, more])


def _first(columns: Columns) -> tuple[Any, ...]:
    return time_order_of((columns.steps[0], columns.timestamps[0], columns.values[0]))


def _last(columns: Columns) -> tuple[Any, ...]:
    return time_order_of((columns.steps[-1], columns.timestamps[-1], columns.values[-1]))
