"""Opens the store of a tracking URI, once per process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from mlyard.artifacts.factory import local_folder
from mlyard.core import forks, settings
from mlyard.ports.opening import DATABASE_FILE, check_folder, is_server, open_store, scheme_of
from mlyard.ports.store import Store
from mlyard.transport.session import Session


@dataclass(frozen=True)
class Backend:
    """An open store; ``session`` is set if it is on a server."""

    uri: str = field(repr=False)  # may have a password
    store: Store
    session: Session | None = None


_open: dict[str, Backend] = {}
# What relative addresses mean, so that they mean the same after os.chdir.
_fixed: dict[str, str] = {}
_lock = threading.Lock()


def default_uri() -> str:
    """The tracking URI from the environment, else the database in the current folder."""
    return settings.TRACKING_URI.get() or settings.DEFAULT_STORE_URI


def open_backend(uri: str) -> Backend:
    """The backend of a tracking URI. Raises InvalidParameter if the URI is not supported."""
    address = fixed_uri(uri)
    with _lock:
        if address not in _open:
            _open[address] = _connect(address)
        return _open[address]


def fixed_uri(uri: str) -> str:
    """The URI with an absolute path. A relative one is in the folder that was current when the URI was first used."""
    if uri not in _fixed:
        fix(uri)
    return _fixed[uri]


def fix(uri: str) -> None:
    """From now on, a relative path in this URI is one in the current folder."""
    _fixed[uri] = _absolute(uri)


def unfix() -> None:
    """Relative paths are in the folder that is current at their next use."""
    _fixed.clear()


def _absolute(uri: str) -> str:
    folder = local_folder(uri) if scheme_of(uri) in {"", "file"} else None
    if folder is not None:
        return str(folder.resolve())
    scheme, separator, path = uri.partition(":///")
    if scheme_of(uri) == "sqlite" and separator and path and not path.startswith(("/", ":", "?")):
        return f"{scheme}:///{_quoted(Path.cwd())}/{path}"
    return uri


def _quoted(folder: Path) -> str:
    """A folder as part of a database's URI: without this, two folders could have one database."""
    return str(folder).replace("%", "%25").replace("?", "%3F")


def _connect(uri: str) -> Backend:
    if is_server(uri):
        return _backend(uri, "")  # it has a root of its own, and the current folder may be gone
    folder = local_folder(uri) if scheme_of(uri) in {"", "file"} else None
    if folder is None:
        return _backend(uri, fixed_uri(settings.ARTIFACTS_DESTINATION.get()))
    check_folder(folder)
    return _backend(f"sqlite:///{_quoted(folder)}/{DATABASE_FILE}", str((folder / "mlartifacts").resolve()))


def _backend(uri: str, artifacts: str) -> Backend:
    store = open_store(uri, settings.DEFAULT_ARTIFACT_ROOT.get() or artifacts)
    session = getattr(store, "session", None)  # not any: a database's store may well have a session of another kind
    return Backend(uri, store, session if isinstance(session, Session) else None)


@forks.in_child
def _renew() -> None:
    """A thread of the parent may have held the lock. The stores themselves can be used in the child too."""
    global _lock
    _lock = threading.Lock()
