"""Logged models: trained models as entities of their own, apart from the run that made them."""

from __future__ import annotations

from collections.abc import Mapping

from mlyard.core import settings
from mlyard.domain import limits, names
from mlyard.domain.entity import Entity
from mlyard.domain.metrics import Metric
from mlyard.domain.page import ScopedQuery
from mlyard.domain.uris import ModelUri

PENDING, READY, UPLOAD_FAILED = "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"
STATUSES = (PENDING, READY, UPLOAD_FAILED)


class LoggedModel(Entity, frozen=True, kw_only=True):
    """A logged model: a trained model with params, tags and metrics of its own.

    Args:
        model_id: The ID: ``m-`` and 32 hexadecimal digits.
        experiment_id: The experiment that the model belongs to.
        name: The name, which several models may share.
        artifact_uri: The URI of the folder with the model's files.
        creation_timestamp: Milliseconds since the epoch.
        last_updated_timestamp: Milliseconds since the epoch.
        status: ``"LOGGED_MODEL_PENDING"`` until the files are stored, then ``"LOGGED_MODEL_READY"`` or
            ``"LOGGED_MODEL_UPLOAD_FAILED"``. Default: ``"LOGGED_MODEL_PENDING"``.
        model_type: The kind of the model, a free text. Default: ``""``.
        source_run_id: The run that produced the model. None if no run did. Default: None.
        params: The params by key. Default: none.
        tags: The tags by key. Default: none.
        metrics: The latest point of each metric, for each dataset that it was measured on. Default: none.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> info = mlyard.sklearn.log_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), name="line")
        >>> model = mlyard.get_logged_model(info.model_id)
        >>> model.name, model.status, model.model_uri == info.model_uri
        ('line', 'LOGGED_MODEL_READY', True)
    """

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
        return str(ModelUri(model_id=self.model_id))


def storable_params(params: Mapping[str, str]) -> dict[str, str]:
    """The params to store: values over the length limit are truncated or refused, as those of runs.

    Raises InvalidParameter.
    """
    limit = limits.MAX_PARAM_VALUE
    kept = {key: value[:limit] for key, value in params.items()} if settings.TRUNCATE_LONG_VALUES.get() else params
    for key, value in kept.items():
        names.check_key(key, "Param key", "key")
        names.check_length(value, limit, f"Param value of {key}")
    return dict(kept)


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
