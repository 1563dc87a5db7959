"""Serves a model on a Ray cluster. Its machines must have mlyard and the model's requirements installed."""

from __future__ import annotations

import signal
import threading
from typing import Any

from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.models.load import fetch
from mlyard.models.packed import Packed, load_packed, pack, unpack

_APPLICATION = "mlyard"
_log = logger("scoring")


def serve_on_ray(
    model_uri: str, host: str = "127.0.0.1", port: int = 5000, timeout: float = 60, workers: int = 1
) -> None:
    """Serve a model on Ray Serve with ``workers`` replicas until SIGINT or SIGTERM, then shut it down.

    The URL paths are those of the scoring server. Raises MissingExtra if Ray Serve is not installed.
    """
    ray: Any = need("ray", "ray")
    serve: Any = need("ray.serve", "ray")
    packed = pack(fetch(model_uri))
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    stopped = _set_by_signals()
    try:
        serve.start(http_options={"host": host, "port": port})
        serve.run(application(serve, packed, timeout, workers), name=_APPLICATION, route_prefix="/")
        _log.info("Serving %s with Ray Serve on http://%s:%d", model_uri, host, port)
        stopped.wait()
    finally:
        serve.shutdown()
        ray.shutdown()


def application(serve: Any, packed: Packed, timeout: float, replicas: int) -> Any:
    """The Ray Serve application of a model."""

    def app() -> Any:
        from mlyard.scoring.app import ScoringApp
        from mlyard.scoring.metrics import Metrics
        from mlyard.scoring.openapi import read_example
        from mlyard.scoring.requests import ScoringOptions

        metrics = Metrics(1)
        metrics.claim()
        options = ScoringOptions(timeout=timeout)
        return ScoringApp(load_packed(packed), options, metrics, read_example(unpack(packed)))

    class Model:
        """The deployment, with one instance of the model in each replica."""

    return serve.deployment(num_replicas=replicas)(serve.ingress(app)(Model)).bind()


def _set_by_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set, instead of calling Ray's own handlers."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
