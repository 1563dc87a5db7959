"""Starting and stopping the tracking server."""

from __future__ import annotations

import gc
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.core.network import listen, serve_until_signal
from mlyard.core.processes import supervise
from mlyard.ports.store import Store
from mlyard.server.security import Policy

PROXIED_ROOT = "mlflow-artifacts:/"
_log = logger("server")


@dataclass(frozen=True)
class ServerOptions:
    """How a server is started; ``artifact_root`` '' means artifacts go through the server.

    ``registry_store_uri`` '': models are registered in the backend store. ``workers``: how many processes.
    """

    backend_store_uri: str
    artifacts_destination: Path
    artifact_root: str = ""
    host: str = "127.0.0.1"
    port: int = 5000
    policy: Policy = field(default_factory=Policy)
    registry_store_uri: str = ""
    workers: int = 1


def serve(options: ServerOptions) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. Raises InvalidParameter when the port is taken."""
    need("starlette", "server")
    if options.workers < 1:
        raise InvalidParameter(f"--workers is {options.workers}: a server is at least one process.")
    listener = listen(options.host, options.port)
    if options.workers > 1:
        return supervise(options.workers, lambda: _serve(options, listener))
    _serve(options, listener)
    return 0


def _serve(options: ServerOptions, listener: socket.socket) -> None:
    from mlyard.server.app import create_app

    store = _open_store(options)
    options.artifacts_destination.mkdir(parents=True, exist_ok=True)
    app = create_app(store, options.artifacts_destination, options.policy)
    _spare_the_collector()
    _log.info("Listening on http://%s:%d", options.host, listener.getsockname()[1])
    serve_until_signal(app, listener)


def _open_store(options: ServerOptions) -> Store:
    from mlyard.stores.sql.store import open_sql_store

    root = options.artifact_root or PROXIED_ROOT
    tracking = open_sql_store(options.backend_store_uri, root)
    if not options.registry_store_uri or options.registry_store_uri == options.backend_store_uri:
        return tracking
    registry = open_sql_store(options.registry_store_uri, root)

    def close() -> None:
        tracking.close()
        registry.close()

    return replace(
        tracking,
        registered_models=registry.registered_models,
        model_versions=registry.model_versions,
        close=close,
    )


def _spare_the_collector() -> None:
    """A search makes 100,000 objects, none of them in a cycle: looking for cycles was half of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
