"""What is known about many points without looking at them: how many, the first, last, lowest and highest."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from mlyard.stores.sql.history.columns import Columns
from mlyard.stores.sql.history.points import Place, Point

BLOCK = 128
"""A chunk's outline has a summary for each block of this many points."""

_SUMMARY = struct.Struct("<qqdqq" + 4 * "qqd")


class Summary(NamedTuple):
    """A summary of points. If all values are NaN, so are ``low_value`` and ``high_value``."""

    length: int
    nans: int
    total: float  # the sum of all values but NaN
    earliest: int
    latest: int
    first_step: int
    first_timestamp: int
    first_value: float
    last_step: int
    last_timestamp: int
    last_value: float
    low_step: int
    low_timestamp: int
    low_value: float
    high_step: int
    high_timestamp: int
    high_value: float

    @property
    def first(self) -> Point:
        """The first point."""
        return self.first_step, self.first_timestamp, self.first_value

    @property
    def start(self) -> Place:
        """The place of the first point."""
        return self.first_step, self.first_timestamp

    @property
    def end(self) -> Place:
        """The place of the last point."""
        return self.last_step, self.last_timestamp

    @property
    def last(self) -> Point:
        """The last point."""
        return self.last_step, self.last_timestamp, self.last_value

    @property
    def low(self) -> Point:
        """The point with the lowest value."""
        return self.low_step, self.low_timestamp, self.low_value

    @property
    def high(self) -> Point:
        """The point with the highest value."""
        return self.high_step, self.high_timestamp, self.high_value


def summarize(columns: Columns) -> Summary:
    """The summary of at least one point, which are in order."""
    steps, timestamps, values = columns
    listed = values.tolist()
    numbers = [value for value in listed if not math.isnan(value)]
    low = listed.index(min(numbers)) if numbers else 0
    high = listed.index(max(numbers)) if numbers else 0
    return Summary(
        len(listed),
        len(listed) - len(numbers),
        sum(numbers, 0.0),
        min(timestamps),
        max(timestamps),
        *(column[number] for number in (0, -1, low, high) for column in (steps, timestamps, values)),  # type: ignore[arg-type]
    )


def merge(summaries: Sequence[Summary]) -> Summary:
    """The summary of all points of several pieces, at least one, which are in order."""
    return reduce(_merge, summaries)


def _merge(a: Summary, b: Summary) -> Summary:
    low = a if a.low_value <= b.low_value or math.isnan(b.low_value) else b
    high = a if a.high_value >= b.high_value or math.isnan(b.high_value) else b
    return Summary(
        a.length + b.length,
        a.nans + b.nans,
        a.total + b.total,
        min(a.earliest, b.earliest),
        max(a.latest, b.latest),
        *a[5:8],
        *b[8:11],
        *low[11:14],
        *high[14:17],
    )


def outline(columns: Columns) -> list[Summary]:
    """The summaries of the blocks."""
    return [summarize(columns.part(start, start + BLOCK)) for start in range(0, len(columns.values), BLOCK)]


def pack(summaries: Iterable[Summary]) -> bytes:
    """Pack summaries, each to the same number of bytes."""
    return b"".join(_SUMMARY.pack(*summary) for summary in summaries)


def unpack(packed: bytes) -> list[Summary]:
    """Undo ``pack``."""
    return [Summary(*fields) for fields in _SUMMARY.iter_unpack(packed)]
