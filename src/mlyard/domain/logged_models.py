"""Logged models: trained models as entities of their own, apart from the run that made them."""

from __future__ import annotations

from mlyard.domain.entity import Entity
from mlyard.domain.metrics import Metric
from mlyard.domain.page import ScopedQuery

PENDING, READY, UPLOAD_FAILED = "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"
STATUSES = (PENDING, READY, UPLOAD_FAILED)


class LoggedModel(Entity, frozen=True, kw_only=True):
    """One logged model; ``model_id`` is ``m-`` and 32 hex characters, times are in ms."""

    model_id: str
    experiment_id: str
    name: str
    artifact_uri: str
    creation_timestamp: int
    last_updated_timestamp: int
    status: str = PENDING
    model_type: str = ""
    source_run_id: str | None = None
    params: dict[str, str] = {}
    tags: dict[str, str] = {}
    metrics: tuple[Metric, ...] = ()

    @property
    def model_uri(self) -> str:
        """``models:/m-…``."""
        return f"models:/{self.model_id}"


class NewLoggedModel(Entity, frozen=True, kw_only=True):
    """A logged model to be created, before its files are written.

    ``artifact_path`` is mlyard's addition to MLflow's protocol: the files are stored below this path of the
    source run's artifacts, rather than in a folder of the model's own.
    """

    experiment_id: str
    name: str = ""
    model_type: str = ""
    source_run_id: str | None = None
    params: dict[str, str] = {}
    tags: dict[str, str] = {}
    artifact_path: str | None = None
    request_id: str | None = None


class DatasetReference(Entity, frozen=True, kw_only=True):
    """Matches datasets by name and digest. An empty field matches anything."""

    name: str = ""
    digest: str = ""


class LoggedModelQuery(ScopedQuery, frozen=True, kw_only=True):
    """A search for logged models.

    ``datasets``: find only models with metrics on these datasets, and compare only those metrics.
    ``order_datasets``: for each order, the dataset whose metrics it sorts by; an order without one sorts by all.
    """

    datasets: tuple[DatasetReference, ...] = ()
    order_datasets: tuple[DatasetReference, ...] = ()
