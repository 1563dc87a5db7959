"""The client class: every call names the run, experiment or model that it is about."""

from __future__ import annotations

from mlyard.client import tracking
from mlyard.client.backends import open_backend
from mlyard.client.experiments import ExperimentCalls
from mlyard.client.logged_models import LoggedModelCalls
from mlyard.client.media import MediaCalls
from mlyard.client.metrics import MetricCalls
from mlyard.client.model_versions import ModelVersionCalls
from mlyard.client.registered_models import RegisteredModelCalls
from mlyard.client.runs import RunCalls
from mlyard.ports.store import Store

__all__ = ["MlflowClient", "MlyardClient"]


class MlyardClient(
    ExperimentCalls, RunCalls, MetricCalls, LoggedModelCalls, MediaCalls, RegisteredModelCalls, ModelVersionCalls
):
    """A client of one tracking store and one model registry. Every call names the run, experiment or model it is about.

    Names, ids and values that are not valid raise InvalidParameter, and what does not exist raises DoesNotExist. Any
    call can raise TemporarilyUnavailable when the server or the database is busy or cannot be reached.

    Args:
        tracking_uri: Where runs are stored, as in ``set_tracking_uri``. Default: ``get_tracking_uri()``.
        registry_uri: Where models are registered. Default: ``tracking_uri`` if given, else ``get_registry_uri()``.

    Raises:
        InvalidParameter: A URI is not supported.

    Example:
        >>> from mlyard import MlyardClient
        >>> client = MlyardClient()
        >>> run = client.create_run("0")
        >>> client.log_metric(run.info.run_id, "rmse", 0.5)
        >>> client.set_terminated(run.info.run_id)
        >>> client.get_run(run.info.run_id).data.metrics
        {'rmse': 0.5}
    """

    def __init__(self, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        self.tracking_uri = tracking_uri or tracking.get_tracking_uri()
        self._tracking = open_backend(self.tracking_uri)
        self._registry_uri = registry_uri or tracking_uri or tracking.get_registry_uri()
        self._registry = open_backend(self._registry_uri)

    def __reduce__(self) -> tuple[type[MlyardClient], tuple[str, str]]:
        """Workers that receive a client open its stores themselves."""
        return type(self), (self.tracking_uri, self._registry_uri)

    @property
    def store(self) -> Store:
        """The open tracking store."""
        return self._tracking.store


MlflowClient = MlyardClient
