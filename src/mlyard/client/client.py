"""The client class: every call names the run, experiment or model that it is about."""

from __future__ import annotations

from mlyard.client import tracking
from mlyard.client.backends import open_backend
from mlyard.client.experiments import ExperimentCalls
from mlyard.client.logged_models import LoggedModelCalls
from mlyard.client.media import MediaCalls
from mlyard.client.model_versions import ModelVersionCalls
from mlyard.client.registered_models import RegisteredModelCalls
from mlyard.client.runs import RunCalls
from mlyard.ports.store import Store

__all__ = ["MlflowClient", "MlyardClient"]


class MlyardClient(ExperimentCalls, RunCalls, LoggedModelCalls, MediaCalls, RegisteredModelCalls, ModelVersionCalls):
    """Talks to one tracking store and one registry; both are those of the process when not given."""

    def __init__(self, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        self.tracking_uri = tracking_uri or tracking.get_tracking_uri()
        self._tracking = open_backend(self.tracking_uri)
        self._registry = open_backend(registry_uri or tracking_uri or tracking.get_registry_uri())

    @property
    def store(self) -> Store:
        """Where runs are logged."""
        return self._tracking.store


MlflowClient = MlyardClient
