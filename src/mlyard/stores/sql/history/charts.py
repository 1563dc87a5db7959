"""Points for charts that keep the extremes: no spike is lost, however long the history is.

The steps of a chart are divided into buckets of equal width; if all points have the same step, their times are. Each
bucket is drawn with its first, lowest, highest and last point. These come from the summaries of chunks and blocks: one
that is not wider than a bucket counts with the bucket in which it begins, so its points are at most one bucket away
from where they belong. Only what is wider, or reaches beyond the ends of the chart, is opened.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import isnan
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection

from mlyard.domain.metrics import Sampling
from mlyard.stores.sql.history.chunks import Pair, read_points
from mlyard.stores.sql.history.columns import Columns, columns_of, joined
from mlyard.stores.sql.history.points import Point, distinct
from mlyard.stores.sql.history.reading import History, Piece, read_outlines
from mlyard.stores.sql.history.summaries import Summary, summarize

_POINTS_OF_BUCKET = 4
_LOW, _HIGH = attrgetter("low_value"), attrgetter("high_value")


def draw(connection: Connection, histories: Mapping[Pair, History], sampling: Sampling) -> dict[Pair, Columns]:
    """At most ``sampling.count`` points of each history, in order, without the histories that have none to show."""
    drawings = {pair: drawing for pair, history in histories.items() if (drawing := _drawing(history, sampling))}
    outlines = read_outlines(connection, (piece for d in drawings.values() for piece in d.wide()))
    opened = [piece.chunk for d in drawings.values() for piece in d.opened(outlines) if piece.chunk is not None]
    stored = read_points(connection, opened)
    drawn = {pair: drawing.points(outlines, stored) for pair, drawing in drawings.items()}
    return {pair: columns for pair, columns in drawn.items() if columns.values}


class _Axis(NamedTuple):
    """The places from ``start`` to ``end``, in buckets of equal width. A place is a step, or a time."""

    start: int
    end: int
    width: int
    by_time: bool

    def first(self, summary: Summary) -> int:
        return summary.first_timestamp if self.by_time else summary.first_step

    def last(self, summary: Summary) -> int:
        return summary.last_timestamp if self.by_time else summary.last_step

    def shows(self, summary: Summary) -> bool:
        """Whether at least one of the points may be visible."""
        return self.first(summary) <= self.end and self.last(summary) >= self.start

    def fits(self, summary: Summary) -> bool:
        """Whether all points are visible and close to each other, so that their summary can stand for them."""
        first, last = self.first(summary), self.last(summary)
        return self.start <= first and last <= self.end and last - first < self.width

    def bucket(self, summary: Summary) -> int:
        return (self.first(summary) - self.start) // self.width

    def visible(self, columns: Columns) -> Columns:
        places = columns.timestamps if self.by_time else columns.steps
        return columns.part(bisect_left(places, self.start), bisect_left(places, self.end + 1))

    def slices(self, columns: Columns) -> Iterator[Summary]:
        """The summary of the visible points in each bucket."""
        seen = self.visible(columns)
        places = (seen.timestamps if self.by_time else seen.steps).tolist()
        start = 0
        while start < len(places):
            bucket = (places[start] - self.start) // self.width
            end = bisect_left(places, self.start + (bucket + 1) * self.width, start)
            yield summarize(seen.part(start, end))
            start = end


class _Drawing(NamedTuple):
    """The visible pieces of a history."""

    axis: _Axis
    pieces: Sequence[Piece]
    is_short: bool  # all points are shown

    def wide(self) -> list[Piece]:
        """The pieces whose outlines are needed."""
        return [] if self.is_short else [piece for piece in self.pieces if not self.axis.fits(piece.summary)]

    def opened(self, outlines: Mapping[int, Sequence[Summary]]) -> list[Piece]:
        """The pieces whose points are needed."""
        return [piece for piece in self.pieces if self.is_short or self._is_opened(piece, outlines)]

    def points(self, outlines: Mapping[int, Sequence[Summary]], stored: Mapping[int, Columns]) -> Columns:
        if self.is_short:
            return joined(self.axis.visible(_columns(piece, stored)) for piece in self.pieces)
        return columns_of(list(_extremes(self.axis, self._summaries(outlines, stored))))

    def _summaries(self, outlines: Mapping[int, Sequence[Summary]], stored: Mapping[int, Columns]) -> Iterator[Summary]:
        for piece in self.pieces:
            if self._is_opened(piece, outlines):
                yield from self.axis.slices(_columns(piece, stored))
            else:
                yield from outlines.get(piece.chunk or 0, [piece.summary])

    def _is_opened(self, piece: Piece, outlines: Mapping[int, Sequence[Summary]]) -> bool:
        if piece.columns is not None:
            return True
        return not all(map(self.axis.fits, outlines.get(piece.chunk or 0, ())))


def _drawing(history: History, sampling: Sampling) -> _Drawing | None:
    """None if no point can be visible."""
    first, last = history[0].summary, history[-1].summary
    by_time = first.first_step == last.last_step
    start, end = first.first_step, last.last_step
    if sampling.start is not None and sampling.end is not None:
        start, end = max(start, sampling.start), min(end, sampling.end)
    if start > end:
        return None
    if by_time:
        start, end = first.first_timestamp, last.last_timestamp
    buckets = max(1, sampling.count // _POINTS_OF_BUCKET)
    axis = _Axis(start, end, (end - start) // buckets + 1, by_time)
    pieces = [piece for piece in history if axis.shows(piece.summary)]
    return _Drawing(axis, pieces, sum(piece.summary.length for piece in pieces) <= sampling.count)


def _columns(piece: Piece, stored: Mapping[int, Columns]) -> Columns:
    return piece.columns if piece.columns is not None else stored[piece.chunk or 0]


def _extremes(axis: _Axis, summaries: Iterable[Summary]) -> Iterator[Point]:
    """The first, lowest, highest and last point of each bucket, in order."""
    for _, group in groupby(summaries, axis.bucket):
        bucket = list(group)
        numbers = [summary for summary in bucket if not isnan(summary.low_value)]
        points = [bucket[0].first, bucket[-1].last]
        if numbers:
            points += [min(numbers, key=_LOW).low, max(numbers, key=_HIGH).high]
        yield from distinct(points)
