"""Starting and stopping the tracking server."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from pathlib import Path

from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.core.network import listen, serve_until_signal
from mlyard.server.security import Policy
from mlyard.stores.sql.store import open_sql_store

PROXIED_ROOT = "mlflow-artifacts:/"
_log = logger("server")


@dataclass(frozen=True)
class ServerOptions:
    """How a server is started; ``artifact_root`` '' means artifacts go through the server."""

    backend_store_uri: str
    artifacts_destination: Path
    artifact_root: str = ""
    host: str = "127.0.0.1"
    port: int = 5000
    policy: Policy = field(default_factory=Policy)


def _spare_the_collector() -> None:
    """A search makes 100,000 objects, none of them in a cycle: looking for cycles was half of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def serve(options: ServerOptions) -> None:
    """Serve until SIGTERM or SIGINT. Raises InvalidParameter when the port is taken."""
    need("starlette", "server")
    from mlyard.server.app import create_app

    listener = listen(options.host, options.port)
    store = open_sql_store(options.backend_store_uri, options.artifact_root or PROXIED_ROOT)
    options.artifacts_destination.mkdir(parents=True, exist_ok=True)
    app = create_app(store, options.artifacts_destination, options.policy)
    _spare_the_collector()
    _log.info("Listening on http://%s:%d", options.host, listener.getsockname()[1])
    serve_until_signal(app, listener)
