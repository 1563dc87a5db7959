"""Calls of the client about logged models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import texts
from mlyard.client.backends import Backend
from mlyard.domain.logged_models import DatasetReference, LoggedModel, LoggedModelQuery, NewLoggedModel
from mlyard.domain.page import PagedList

_DATASETS = ("name", "digest")


class LoggedModelCalls:
    """Logged models by id."""

    _tracking: Backend

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        model_type: str | None = None,
        artifact_path: str | None = None,
    ) -> LoggedModel:
        """A pending model; ``artifact_path``: see domain.logged_models.NewLoggedModel."""
        new = NewLoggedModel(
            experiment_id=str(experiment_id),
            name=name or "",
            model_type=model_type or "",
            source_run_id=source_run_id,
            params=texts(params),
            tags=texts(tags),
            artifact_path=artifact_path,
        )
        return self._tracking.store.logged_models.create(new)

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """A logged model. Raises DoesNotExist."""
        return self._tracking.store.logged_models.get(model_id)

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Set READY or FAILED; MLflow's long names of them work too."""
        plain = str(status).removeprefix("LOGGED_MODEL_")
        full = f"LOGGED_MODEL_{'UPLOAD_FAILED' if plain == 'FAILED' else plain}"
        return self._tracking.store.logged_models.finalize(model_id, full)

    def search_logged_models(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None = None,
        datasets: Sequence[Mapping[str, str]] | None = None,
        max_results: int | None = None,
        order_by: Sequence[Mapping[str, Any] | str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """One page of logged models; an order is text, or ``{"field_name": …, "ascending": …, "dataset_name": …}``."""
        orders = [{"field_name": each} if isinstance(each, str) else dict(each) for each in order_by or ()]
        query = LoggedModelQuery(
            experiment_ids=tuple(str(i) for i in experiment_ids),
            filter=filter_string or "",
            order_by=tuple(_order(each) for each in orders),
            max_results=max_results or 100,
            page_token=page_token,
            datasets=tuple(_dataset(each) for each in datasets or ()),
            order_datasets=tuple(_dataset(each) for each in orders),
        )
        return self._tracking.store.logged_models.search(query)

    def log_model_params(self, model_id: str, params: Mapping[str, Any]) -> None:
        """Add params."""
        self._tracking.store.logged_models.log_params(model_id, texts(params))

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, Any]) -> None:
        """Set or change tags."""
        self._tracking.store.logged_models.set_tags(model_id, texts(tags))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag. Raises DoesNotExist."""
        self._tracking.store.logged_models.delete_tag(model_id, key)

    def delete_logged_model(self, model_id: str) -> None:
        """Mark a model as deleted."""
        self._tracking.store.logged_models.delete(model_id)


def _order(order: Mapping[str, Any]) -> str:
    name = str(order["field_name"])
    return name if order.get("ascending", True) else f"{name} DESC"


def _dataset(given: Mapping[str, Any]) -> DatasetReference:
    """From ``dataset_name`` and ``dataset_digest``."""
    return DatasetReference(**{key: str(given.get(f"dataset_{key}") or "") for key in _DATASETS})
