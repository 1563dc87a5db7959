"""``from mlyard.tracking import MlflowClient``, as scripts for MLflow write it."""

from __future__ import annotations

from mlyard.client.client import MlflowClient, MlyardClient
from mlyard.client.tracking import get_registry_uri, get_tracking_uri, set_registry_uri, set_tracking_uri

__all__ = [
    "MlflowClient",
    "MlyardClient",
    "get_registry_uri",
    "get_tracking_uri",
    "set_registry_uri",
    "set_tracking_uri",
]
