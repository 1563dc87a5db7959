"""Opens the store of a tracking URI, once per process."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from mlyard.artifacts.factory import local_folder
from mlyard.core import forks, settings
from mlyard.ports.opening import is_server, open_store, scheme_of
from mlyard.ports.store import Store
from mlyard.transport.session import Session


@dataclass(frozen=True)
class Backend:
    """An open store; ``session`` is set if it is on a server."""

    uri: str
    store: Store
    session: Session | None = None


_open: dict[str, Backend] = {}
_lock = threading.Lock()


def default_uri() -> str:
    """The tracking URI from the environment, else the database in the current folder."""
    return settings.TRACKING_URI.get() or settings.DEFAULT_STORE_URI


def open_backend(uri: str) -> Backend:
    """The backend of a tracking URI. Raises InvalidParameter if the URI is not supported."""
    key = uri if is_server(uri) else f"{uri}|{Path.cwd()}"
    with _lock:
        if key not in _open:
            _open[key] = _connect(uri)
        return _open[key]


def _connect(uri: str) -> Backend:
    if is_server(uri):
        return _backend(uri, "")  # it has a root of its own, and the current folder may be gone
    folder = local_folder(uri) if scheme_of(uri) in {"", "file"} else None
    if folder is None:
        destination = settings.ARTIFACTS_DESTINATION.get()
        place = local_folder(destination)
        return _backend(uri, destination if place is None else str(place.resolve()))
    folder = folder.resolve()
    return _backend(f"sqlite:///{folder / 'mlyard.db'}", str((folder / "mlartifacts").resolve()))


def _backend(uri: str, artifacts: str) -> Backend:
    store = open_store(uri, settings.DEFAULT_ARTIFACT_ROOT.get() or artifacts)
    session = getattr(store, "session", None)  # not any: a database's store may well have a session of another kind
    return Backend(uri, store, session if isinstance(session, Session) else None)


@forks.in_child
def _renew() -> None:
    """A thread of the parent may have held the lock. The stores themselves can be used in the child too."""
    global _lock
    _lock = threading.Lock()
