"""Scores files on a Ray cluster. Its machines must have mlyard and the model's requirements installed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mlyard.batch.rows import Chunk
from mlyard.batch.shipping import predict_packed, value_or_raise
from mlyard.core.lazy import need
from mlyard.models.packed import pack

_AHEAD = 2
"""Chunks submitted per processor: enough to keep it busy, few enough to keep memory independent of the input."""


def predict_on_ray(folder: Path, chunks: Iterable[Chunk]) -> Iterator[Any]:
    """Predictions in the order of the chunks, computed on all processors of the cluster.

    Uses the cluster that this process is connected to or that RAY_ADDRESS names, or else starts one on this machine.
    Raises MissingExtra if Ray is not installed, and MlyardError when the model fails.
    """
    ray: Any = need("ray", "ray")
    started = not ray.is_initialized()
    if started:
        ray.init(log_to_driver=False, include_dashboard=False)
    try:
        packed = ray.put(pack(folder))
        score = ray.remote(predict_packed)
        yield from _in_order(ray, lambda chunk: score.remote(packed, chunk), chunks)
    finally:
        if started:
            ray.shutdown()


def _in_order(ray: Any, score: Callable[[Chunk], Any], chunks: Iterable[Chunk]) -> Iterator[Any]:
    limit = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: deque[Any] = deque()
    for chunk in chunks:
        waiting.append(score(chunk))
        if len(waiting) >= limit:
            yield value_or_raise(ray.get(waiting.popleft()))
    while waiting:
        yield value_or_raise(ray.get(waiting.popleft()))
