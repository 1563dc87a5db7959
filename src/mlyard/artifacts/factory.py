"""Opens the artifact store of a URI."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlyard.artifacts.http import HttpArtifactStore
from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.locations import OBJECT_STORES
from mlyard.core.errors import InvalidParameter
from mlyard.ports.artifacts import ArtifactStore
from mlyard.transport.session import Session


def artifact_store(uri: str, session: Session | None) -> ArtifactStore:
    """The store whose root is ``uri``. ``session`` is the connection to the tracking server, if there is one.

    Raises InvalidParameter for an unsupported scheme.
    """
    folder = local_folder(uri)
    if folder is not None:
        return LocalArtifactStore(folder)
    parts = urlsplit(uri)
    if parts.scheme == "mlflow-artifacts":
        return HttpArtifactStore(_proxy(uri, parts.netloc, session), unquote(parts.path))
    if parts.scheme in OBJECT_STORES:
        from mlyard.artifacts.object_store import open_object_store

        return open_object_store(uri)
    raise InvalidParameter(
        f"Artifacts at {uri!r} are not supported: use a folder, file:, {', '.join(f'{s}:' for s in OBJECT_STORES)} "
        "or mlflow-artifacts: (through a server)."
    )


def local_folder(uri: str) -> Path | None:
    """The folder that a plain path or a ``file:`` URI names; None for other schemes."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise InvalidParameter(
                f"{uri!r} names a folder on another machine. Use a path or a file: URI of this machine."
            )
        return Path(unquote(parts.path))
    # A single letter is a Windows drive, not a scheme.
    return Path(uri) if len(parts.scheme) < 2 else None


def _proxy(uri: str, authority: str, session: Session | None) -> Session:
    if authority:
        return Session(f"http://{authority}")
    if session is None:
        raise InvalidParameter(
            f"The artifacts at {uri!r} are kept by a tracking server: set the tracking URI to its address (http://…)."
        )
    return session
