"""Handlers of the JSON endpoints, one file for each kind of entity."""

from __future__ import annotations

from mlyard.server.endpoints import (
    artifacts,
    experiments,
    logged_models,
    metrics,
    model_versions,
    registered_models,
    runs,
)
from mlyard.server.endpoints.context import Handlers


def all_handlers() -> Handlers:
    """The handlers of all routes."""
    handlers = Handlers()
    for module in (experiments, runs, metrics, artifacts, logged_models, registered_models, model_versions):
        module.register(handlers)
    return handlers
