"""Which store a tracking URI means; each is opened once a process."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from mlyard.artifacts.factory import local_folder
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.ports.opening import has_store, open_store, scheme_of
from mlyard.ports.store import Store
from mlyard.transport.session import Session


@runtime_checkable
class _OverHttp(Protocol):
    """A store that is a server, which passes artifacts on."""

    @property
    def session(self) -> Session: ...


@dataclass(frozen=True)
class Backend:
    """An open store; ``session`` is there when it is a server."""

    uri: str
    store: Store
    session: Session | None = None


_open: dict[str, Backend] = {}
_lock = threading.Lock()


def default_uri() -> str:
    """The tracking URI of the environment, or the database in the current folder."""
    return settings.TRACKING_URI.get() or settings.DEFAULT_STORE_URI


def open_backend(uri: str) -> Backend:
    """The backend of a tracking URI. Raises InvalidParameter."""
    key = uri if uri.startswith("http") else f"{uri}|{Path.cwd()}"
    with _lock:
        if key not in _open:
            _open[key] = _connect(uri)
        return _open[key]


def _connect(uri: str) -> Backend:
    if has_store(scheme_of(uri)):
        return _backend(uri, Path(settings.ARTIFACTS_DESTINATION.get()))
    folder = local_folder(uri)
    if folder is None:
        raise InvalidParameter(
            f"The tracking URI {uri!r} is not supported: "
            "use http(s)://…, sqlite:///…, postgresql://… or the path of a folder."
        )
    folder = folder.resolve()
    return _backend(f"sqlite:///{folder / 'mlyard.db'}", folder / "mlartifacts")


def _backend(uri: str, artifacts: Path) -> Backend:
    store = open_store(uri, settings.DEFAULT_ARTIFACT_ROOT.get() or str(artifacts.resolve()))
    return Backend(uri, store, store.session if isinstance(store, _OverHttp) else None)


def _forget() -> None:
    """A forked child must not use its parent's connections and threads."""
    global _lock
    _lock = threading.Lock()
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
