"""The history of metrics in memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import structs

from mlyard.domain import limits
from mlyard.domain.metrics import Figures, Metric, Sampling, Series
from mlyard.domain.page import PagedList
from mlyard.stores.memory.search import page
from mlyard.stores.memory.state import State


class MemoryMetrics:
    """ports.MetricStore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        self._state.run(run_id)
        found = sorted(self._state.history[run_id, key], key=_by_time)
        return page(
            found,
            min(max_results or limits.MAX_HISTORY, limits.MAX_HISTORY),
            page_token,
            f"history {run_id} {key}".encode(),
        )

    def timeline(self, run_id: str, key: str, max_results: int | None = None, page_token: str | None = None) -> Series:
        found = self.history(run_id, key, max_results, page_token)
        return _series(run_id, key, found, found.token)

    def history_bulk(self, run_ids: Sequence[str], key: str, max_results: int) -> list[Metric]:
        known = sorted(run_id for run_id in set(run_ids) if run_id in self._state.runs)
        found = [structs.replace(metric, run_id=run_id) for run_id in known for metric in self.history(run_id, key)]
        return found[:max_results]

    def sample(self, run_ids: Sequence[str], key: str, sampling: Sampling) -> list[Metric]:
        known = [run_id for run_id in dict.fromkeys(run_ids) if run_id in self._state.runs]
        return [
            structs.replace(metric, run_id=run_id) for run_id in known for metric in self._sample(run_id, key, sampling)
        ]

    def _sample(self, run_id: str, key: str, sampling: Sampling) -> list[Metric]:
        low = -math.inf if sampling.start is None else sampling.start
        high = math.inf if sampling.end is None else sampling.end
        points = [metric for metric in self._state.history[run_id, key] if low <= metric.step <= high]
        points.sort(key=_by_step)
        steps = {metric.step for metric in points}
        by_place = {metric.timestamp if len(steps) == 1 else metric.step: metric for metric in points}
        found, count = list(by_place.values()), sampling.count
        if len(found) <= count:
            return found
        return [*(found[-(-i * len(found) // count)] for i in range(count - 1)), found[-1]]

    def charts(self, run_ids: Sequence[str], keys: Sequence[str], sampling: Sampling) -> list[Series]:
        drawn = ((run_id, key, _extremes(points, sampling)) for run_id, key, points in self._histories(run_ids, keys))
        return [_series(run_id, key, points) for run_id, key, points in drawn if points]

    def figures(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> list[Figures]:
        return [self._figures(run_id, key, points) for run_id, key, points in self._histories(run_ids, keys)]

    def _figures(self, run_id: str, key: str, points: Sequence[Metric]) -> Figures:
        last = next(metric for metric in self._state.run(run_id).data.latest_metrics if metric.key == key)
        return figures_of(run_id, last, points)

    def series(self, run_ids: Sequence[str], keys: Sequence[str] = ()) -> Iterator[Series]:
        for run_id, key, points in self._histories(run_ids, keys):
            yield _series(run_id, key, points)

    def _histories(self, run_ids: Sequence[str], keys: Sequence[str]) -> Iterator[tuple[str, str, list[Metric]]]:
        """The points of each run and key that was logged, by step."""
        for run_id in dict.fromkeys(run_ids):
            run = self._state.runs.get(run_id)
            logged = sorted(metric.key for metric in run.data.latest_metrics) if run else []
            for key in dict.fromkeys(keys or logged):
                if key in logged:
                    yield run_id, key, sorted(self._state.history[run_id, key], key=_by_step)


def figures_of(run_id: str, last: Metric, points: Sequence[Metric]) -> Figures:
    """The figures of a history. ``points``: all of them, by step."""
    numbers = [point.value for point in points if not math.isnan(point.value)]
    return Figures(
        run_id=run_id,
        key=last.key,
        count=len(points),
        step=last.step,
        timestamp=last.timestamp,
        last=last.value,
        first=points[0].value,
        min=min(numbers, default=math.nan),
        max=max(numbers, default=math.nan),
        mean=sum(numbers) / len(numbers) if numbers else math.nan,
    )


def _by_step(point: Metric) -> tuple[int, int, float, bool]:
    is_nan = math.isnan(point.value)
    return point.step, point.timestamp, 0.0 if is_nan else point.value, is_nan


def _by_time(point: Metric) -> tuple[int, int, float, bool]:
    step, timestamp, value, is_nan = _by_step(point)
    return timestamp, step, value, is_nan


def _extremes(points: Sequence[Metric], sampling: Sampling) -> list[Metric]:
    """The first, lowest, highest and last point of each bucket, unless all points may be shown."""
    low = -math.inf if sampling.start is None else sampling.start
    high = math.inf if sampling.end is None else sampling.end
    seen = [point for point in points if low <= point.step <= high]
    if len(seen) <= sampling.count:
        return seen
    flat = seen[0].step == seen[-1].step
    places = [point.timestamp if flat else point.step for point in seen]
    width = (places[-1] - places[0]) // max(1, sampling.count // 4) + 1
    found: list[Metric] = []
    for _, group in groupby(zip(places, seen, strict=True), key=lambda each: (each[0] - places[0]) // width):
        bucket = [point for _, point in group]
        numbers = [point for point in bucket if not math.isnan(point.value)]
        kept = [bucket[0], bucket[-1]]
        if numbers:
            kept += [min(numbers, key=lambda p: p.value), max(numbers, key=lambda p: p.value)]
        found += sorted({id(point): point for point in kept}.values(), key=_by_step)
    return found


def _series(run_id: str, key: str, points: Sequence[Metric], token: str | None = None) -> Series:
    return Series(
        run_id=run_id,
        key=key,
        steps=[point.step for point in points],
        timestamps=[point.timestamp for point in points],
        values=[point.value for point in points],
        token=token,
    )
