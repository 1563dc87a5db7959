"""Starts and stops the tracking server."""

from __future__ import annotations

import gc
import socket
from dataclasses import dataclass, field, replace

from mlyard.artifacts.factory import artifact_store, local_folder
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.domain.uris import check_exact
from mlyard.hosting.network import is_address_of, listen, serve_until_signal
from mlyard.hosting.supervisor import supervise
from mlyard.ports.opening import check_folder, is_server, open_store
from mlyard.ports.store import Store
from mlyard.server.security import Policy
from mlyard.services.artifact_access import ArtifactAccess

PROXIED_ROOT = "mlflow-artifacts:/"
_log = logger("server")


@dataclass(frozen=True)
class ServerOptions:
    """Options of a tracking server.

    ``artifacts_destination``: the folder or URI where the server keeps artifacts. ``artifact_root``: the root of new
    experiments; if empty, they use the destination, through the server if ``serve_artifacts``, else directly.

    ``registry_store_uri``: if empty, models are registered in the backend store. ``workers``: number of processes.
    ``read_replica_uri``: a replica of the backend store; if empty, the backend store is read itself.
    """

    backend_store_uri: str = field(repr=False)  # may have a password, as the registry's
    artifacts_destination: str
    artifact_root: str = ""
    host: str = "127.0.0.1"
    port: int = 5000
    policy: Policy = field(default_factory=Policy)
    registry_store_uri: str = field(default="", repr=False)
    workers: int = 1
    serve_artifacts: bool = True
    artifacts_only: bool = False
    read_replica_uri: str = field(default="", repr=False)


def serve(options: ServerOptions) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status. Raises InvalidParameter when the port is in use."""
    need("starlette", "server")
    if options.workers < 1:
        raise InvalidParameter(f"--workers is {options.workers}: it must be at least 1.")
    if options.artifacts_only and not options.serve_artifacts:
        raise InvalidParameter("--artifacts-only and --no-serve-artifacts leave nothing to do: choose one.")
    settings.SOURCE_VALIDATION_REGEX.get()  # a wrong pattern ends the server now, not the first registration
    _prepare(options.artifacts_destination)
    listener = listen(options.host, options.port)
    if options.workers > 1:
        return supervise(options.workers, lambda: _serve(options, listener), listener.close)
    _serve(options, listener)
    return 0


def _serve(options: ServerOptions, listener: socket.socket) -> None:
    from mlyard.server.app import create_app

    store = _open_store(options)
    root, port = options.artifact_root, listener.getsockname()[1]
    is_own_root = options.serve_artifacts and is_address_of(root, port)
    app = create_app(
        store,
        ArtifactAccess(options.artifacts_destination, root, is_own_root=is_own_root),
        options.policy,
        serve_artifacts=options.serve_artifacts,
        artifacts_only=options.artifacts_only,
    )
    _tune_garbage_collection()
    _log.info("Listening on http://%s:%d", options.host, port)
    serve_until_signal(app, listener)


def _prepare(destination: str) -> None:
    """Create the folder, or check the settings of the object store: fail at the start, not at the first file."""
    check_exact(destination, "artifacts destination")
    folder = local_folder(destination)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    else:
        artifact_store(destination, None)


def _open_store(options: ServerOptions) -> Store:
    root = options.artifact_root or (PROXIED_ROOT if options.serve_artifacts else _absolute(options))
    tracking = _open_one(options.backend_store_uri, root, options.read_replica_uri)
    if not options.registry_store_uri or options.registry_store_uri == options.backend_store_uri:
        return tracking
    registry = _open_one(options.registry_store_uri, root)

    def close() -> None:
        tracking.close()
        registry.close()

    return replace(
        tracking,
        registered_models=registry.registered_models,
        model_versions=registry.model_versions,
        close=close,
    )


def _open_one(uri: str, root: str, read_replica_uri: str = "") -> Store:
    if is_server(uri):
        raise InvalidParameter(
            "The store is the address of a server: a tracking server needs a store of its own, such as a database."
        )
    folder = local_folder(uri)
    if folder is not None and folder.is_dir():
        check_folder(folder)
    return open_store(uri, root, read_replica_uri)


def _absolute(options: ServerOptions) -> str:
    folder = local_folder(options.artifacts_destination)
    return options.artifacts_destination if folder is None else str(folder.resolve())


def _tune_garbage_collection() -> None:
    """Run the garbage collector less often.

    A search creates 100,000 objects, none of them in a reference cycle. Looking for cycles took half of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
