"""Handlers of the JSON endpoints, one file a noun, joined here."""

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
    """Every route's handler."""
    handlers = Handlers()
    for noun in (experiments, runs, metrics, artifacts, logged_models, registered_models, model_versions):
        noun.register(handlers)
    return handlers
