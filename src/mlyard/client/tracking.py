"""The tracking and registry URIs of this process."""

from __future__ import annotations

import os
from pathlib import Path

from mlyard.client.backends import default_uri, fix, fixed_uri, unfix
from mlyard.core import settings

__all__ = ["get_registry_uri", "get_tracking_uri", "set_registry_uri", "set_tracking_uri"]

_chosen: dict[str, str] = {}


def set_tracking_uri(uri: str | Path) -> None:
    """Set where runs, experiments and logged models are stored from now on.

    Child processes inherit the choice through ``MLYARD_TRACKING_URI``. Nothing is opened yet, so a URI that is not
    supported is refused by the first call that uses it. A relative path is one in the folder that is current now, also
    after ``os.chdir``.

    Args:
        uri: ``http(s)://…`` of a server, ``sqlite:///…`` or ``postgresql://…`` of a database, or the path of a folder.
            ``''`` goes back to the setting of the environment, or to the default store.

    Example:
        >>> import mlyard
        >>> mlyard.set_tracking_uri("sqlite:///runs.db")
        >>> mlyard.get_tracking_uri()
        'sqlite:///runs.db'
        >>> mlyard.set_tracking_uri("")
    """
    _choose("tracking", uri)
    # Child processes (projects, workers) log to the same place.
    if uri:
        os.environ["MLYARD_TRACKING_URI"] = fixed_uri(str(uri))
    else:
        os.environ.pop("MLYARD_TRACKING_URI", None)


def get_tracking_uri() -> str:
    """Return where runs, experiments and logged models are stored.

    Returns:
        The URI passed to ``set_tracking_uri``, else ``MLYARD_TRACKING_URI``, else a SQLite file in the folder that was
        current when it was first used.

    Example:
        >>> import mlyard
        >>> mlyard.get_tracking_uri()
        'sqlite:///mlyard.db'
    """
    return _chosen.get("tracking") or default_uri()


def set_registry_uri(uri: str | Path) -> None:
    """Set where models are registered from now on, if that is not the tracking store.

    Args:
        uri: As in ``set_tracking_uri``. ``''`` goes back to the setting of the environment, or to the tracking store.

    Example:
        >>> import mlyard
        >>> mlyard.set_registry_uri("sqlite:///registry.db")
        >>> mlyard.get_registry_uri()
        'sqlite:///registry.db'
        >>> mlyard.set_registry_uri("")
    """
    _choose("registry", uri)


def get_registry_uri() -> str:
    """Return where models are registered.

    Returns:
        The URI passed to ``set_registry_uri``, else ``MLYARD_REGISTRY_URI``, else the tracking URI.

    Example:
        >>> import mlyard
        >>> mlyard.get_registry_uri()
        'sqlite:///mlyard.db'
    """
    return _chosen.get("registry") or settings.REGISTRY_URI.get() or get_tracking_uri()


def _choose(what: str, uri: str | Path) -> None:
    if str(uri):
        _chosen[what] = str(uri)
        fix(str(uri))
    else:
        _chosen.pop(what, None)
        unfix()
