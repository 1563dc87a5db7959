"""Scoring on a Ray cluster. Its machines have mlyard and what the model needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mlyard.batch.rows import Chunk
from mlyard.batch.shipping import answered, predict_packed
from mlyard.core.lazy import need
from mlyard.models.packed import pack

_AHEAD = 2
"""Chunks that wait for each processor, so that none is idle and memory does not grow with the input."""


def predict_on_ray(folder: Path, chunks: Iterable[Chunk]) -> Iterator[Any]:
    """Predictions in the order of the chunks, on all processors of the cluster.

    Uses the cluster that the process is connected to or RAY_ADDRESS names, else one of this machine. Raises
    MissingExtra without Ray, MlyardError when the model fails.
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
    most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: deque[Any] = deque()
    for chunk in chunks:
        waiting.append(score(chunk))
        if len(waiting) >= most:
            yield answered(ray.get(waiting.popleft()))
    while waiting:
        yield answered(ray.get(waiting.popleft()))
