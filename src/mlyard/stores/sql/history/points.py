"""Points of a metric, and their order."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from operator import itemgetter

Point = tuple[int, int, float]
"""Step, timestamp in milliseconds, value."""

Place = tuple[int, int]
"""Step and timestamp."""


def order_of(point: Point) -> tuple[int, int, float, bool]:
    """The sort key of a point within its history. NaN, which has no order of its own, follows 0."""
    step, timestamp, value = point
    return (step, timestamp, 0.0, True) if isnan(value) else (step, timestamp, value, False)


def time_order_of(point: Point) -> tuple[int, int, float, bool]:
    """The sort key of a point in an answer to MLflow's clients, which want the timestamp before the step."""
    step, timestamp, value = point
    return (timestamp, step, 0.0, True) if isnan(value) else (timestamp, step, value, False)


def distinct(points: Iterable[Point]) -> list[Point]:
    """The points in order, each of them once."""
    found = list(points)
    if any(isnan(value) for _, _, value in found):
        ordered = {order_of(point): point for point in reversed(found)}
        return [point for _, point in sorted(ordered.items(), key=itemgetter(0))]
    return sorted(dict.fromkeys(found)) if len(found) > 1 else found
