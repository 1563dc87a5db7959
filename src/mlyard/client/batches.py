"""Splits what is logged at once into requests that are within the limits of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlyard.domain import limits
from mlyard.domain.metrics import Metric
from mlyard.domain.runs import Param, RunBatch, RunTag, storable_values


def batches(metrics: Sequence[Metric], params: Sequence[Param], tags: Sequence[RunTag]) -> list[RunBatch]:
    """One batch, or several if there are too many values for one. Raises InvalidParameter.

    If there are several, all values are checked first, so that an invalid one is found before anything is logged.
    """
    whole = RunBatch(metrics=tuple(metrics), params=tuple(params), tags=tuple(tags))
    if (
        len(params) <= limits.MAX_BATCH_PARAMS
        and len(tags) <= limits.MAX_BATCH_TAGS
        and len(metrics) <= limits.MAX_BATCH_METRICS
        and len(metrics) + len(params) + len(tags) <= limits.MAX_BATCH
    ):
        return [whole]
    storable_values(whole)
    return list(_pieces(whole))


def _pieces(batch: RunBatch) -> Iterator[RunBatch]:
    for first in range(0, len(batch.params), limits.MAX_BATCH_PARAMS):
        yield RunBatch(params=batch.params[first : first + limits.MAX_BATCH_PARAMS])
    for first in range(0, len(batch.tags), limits.MAX_BATCH_TAGS):
        yield RunBatch(tags=batch.tags[first : first + limits.MAX_BATCH_TAGS])
    for first in range(0, len(batch.metrics), limits.MAX_BATCH_METRICS):
        yield RunBatch(metrics=batch.metrics[first : first + limits.MAX_BATCH_METRICS])
