"""Finds backends by their names: mlyard's own, other packages', and those that were written for MLflow."""

from __future__ import annotations

from mlyard.core.entry_points import load, points_of
from mlyard.core.errors import DoesNotExist
from mlyard.projects.backends.mlflow_plugins import PluginBackend
from mlyard.projects.backends.port import Backend

LOCAL = "local"
_OWN, _MLFLOWS = "mlyard.project_backends", "mlflow.project_backend"


def open_backend(name: str) -> Backend | PluginBackend:
    """The backend of a name. Raises DoesNotExist that lists the known ones, InvalidParameter for a broken package."""
    for group in (_OWN, _MLFLOWS):
        for point in points_of(group):
            if point.name == name:
                found = load(point, f"The backend {name!r}")
                made = found() if callable(found) else found
                return made if group == _OWN else PluginBackend(name, made)
    known = sorted({point.name for group in (_OWN, _MLFLOWS) for point in points_of(group)})
    raise DoesNotExist(f"Unknown backend {name!r}. Installed backends: {', '.join(known)}.")
