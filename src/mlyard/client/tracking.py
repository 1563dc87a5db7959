"""The tracking and registry URIs of this process."""

from __future__ import annotations

import os
from pathlib import Path

from mlyard.client.backends import default_uri
from mlyard.core import settings

__all__ = ["get_registry_uri", "get_tracking_uri", "set_registry_uri", "set_tracking_uri"]

_chosen: dict[str, str] = {}


def set_tracking_uri(uri: str | Path) -> None:
    """Where runs are logged from now on; '' goes back to the environment's choice."""
    _choose("tracking", uri)
    # Child processes (projects, workers) log to the same place.
    if uri:
        os.environ["MLYARD_TRACKING_URI"] = str(uri)
    else:
        os.environ.pop("MLYARD_TRACKING_URI", None)


def get_tracking_uri() -> str:
    """Where runs are logged."""
    return _chosen.get("tracking") or default_uri()


def set_registry_uri(uri: str | Path) -> None:
    """Where models are registered from now on; '' goes back to the environment's choice."""
    _choose("registry", uri)


def get_registry_uri() -> str:
    """Where models are registered."""
    return _chosen.get("registry") or settings.REGISTRY_URI.get() or get_tracking_uri()


def _choose(what: str, uri: str | Path) -> None:
    if str(uri):
        _chosen[what] = str(uri)
    else:
        _chosen.pop(what, None)
