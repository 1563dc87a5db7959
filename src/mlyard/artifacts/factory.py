"""Opens the artifact store of a URI."""

from __future__ import annotations

from pathlib import Path

from mlyard.artifacts.http import HttpArtifactStore
from mlyard.artifacts.local import LocalArtifactStore
from mlyard.core.errors import InvalidParameter
from mlyard.domain.uris import OBJECT_STORES, PROXIED, SERVERS, Location, parse_location
from mlyard.ports.artifacts import ArtifactStore
from mlyard.transport.session import Session, session_with
from mlyard.wire.routes import PROXY


def artifact_store(uri: str, session: Session | None) -> ArtifactStore:
    """The store whose root is ``uri``. ``session`` is the connection to the tracking server, if there is one.

    Raises InvalidParameter for an unsupported scheme.
    """
    folder = local_folder(uri)
    if folder is not None:
        return LocalArtifactStore(folder)
    found = parse_location(uri)
    if found.scheme == PROXIED:
        return HttpArtifactStore(_proxy(uri, found, session), found.path)
    if found.scheme in SERVERS and PROXY in found.path:
        prefix, _, root = found.path.partition(PROXY)
        return HttpArtifactStore(session_with(f"{found.scheme}://{found.authority}{prefix}", session), root)
    if found.scheme in OBJECT_STORES:
        from mlyard.artifacts.object_store import open_object_store

        return open_object_store(uri)
    raise InvalidParameter(
        f"Artifacts at {uri!r} are not supported: use a folder, file:, {', '.join(f'{s}:' for s in OBJECT_STORES)}, "
        f"mlflow-artifacts: (through a server) or http://<server>{PROXY}/…."
    )


def local_folder(uri: str) -> Path | None:
    """The folder that a plain path or a ``file:`` URI names; None for other schemes."""
    found = parse_location(uri)
    if found.scheme not in {"", "file"}:
        return None
    if found.authority not in {"", "localhost"}:
        raise InvalidParameter(f"{uri!r} names a folder on another machine. Use a path or a file: URI of this machine.")
    return Path(found.path)


def _proxy(uri: str, found: Location, session: Session | None) -> Session:
    if found.authority:
        scheme = session.base_url.partition(":")[0] if session else "http"
        return session_with(f"{scheme}://{found.authority}", session)
    if session is None:
        raise InvalidParameter(
            f"The artifacts at {uri!r} are kept by a tracking server: set the tracking URI to its address (http://…)."
        )
    return session
