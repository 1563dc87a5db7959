"""Scoring and serving on a Ray cluster. Its machines have mlyard and what the model needs."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.models.load import fetch
from mlyard.serving.rows import Chunk
from mlyard.serving.shipping import Packed, answered, load_packed, pack, predict_packed, unpack

_AHEAD = 2
"""Chunks that wait for each processor, so that none is idle and memory does not grow with the input."""
_APPLICATION = "mlyard"
_log = logger("serving")


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


def serve_on_ray(
    model_uri: str, host: str = "127.0.0.1", port: int = 5000, timeout: float = 60, workers: int = 1
) -> None:
    """Deploy a model on Ray Serve as ``workers`` replicas, and stay until SIGINT or SIGTERM, which take it down.

    The addresses are those of the scoring server. Raises MissingExtra without Ray Serve.
    """
    ray: Any = need("ray", "ray")
    serve: Any = need("ray.serve", "ray")
    packed = pack(fetch(model_uri))
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    ended = _signalled()
    try:
        serve.start(http_options={"host": host, "port": port})
        serve.run(application(serve, packed, timeout, workers), name=_APPLICATION, route_prefix="/")
        _log.info("Serving %s with Ray Serve on http://%s:%d", model_uri, host, port)
        ended.wait()
    finally:
        serve.shutdown()
        ray.shutdown()


def application(serve: Any, packed: Packed, timeout: float, replicas: int) -> Any:
    """The Ray Serve application of a model."""

    def app() -> Any:
        from mlyard.serving.app import ScoringApp
        from mlyard.serving.metrics import Metrics
        from mlyard.serving.openapi import read_example
        from mlyard.serving.scoring import ScoringOptions

        metrics = Metrics(1)
        metrics.claim()
        options = ScoringOptions(timeout=timeout)
        return ScoringApp(load_packed(packed), options, metrics, read_example(unpack(packed)))

    class Model:
        """Each replica holds the model."""

    return serve.deployment(num_replicas=replicas)(serve.ingress(app)(Model)).bind()


def _signalled() -> threading.Event:
    """Set by SIGTERM and SIGINT from now on, in place of Ray's own handlers."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended
