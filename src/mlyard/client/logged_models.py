"""The client's calls about logged models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import several, texts
from mlyard.client.backends import Backend
from mlyard.domain.logged_models import DatasetReference, LoggedModel, LoggedModelQuery, NewLoggedModel
from mlyard.domain.page import PagedList

_DATASETS = ("name", "digest")


class LoggedModelCalls:
    """Calls about logged models."""

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
        """Create a logged model that is pending: it has no files yet.

        Args:
            experiment_id: Experiment of the model.
            name: Name of the model, without ``/ : . % " '``. Default: a random one.
            source_run_id: Run that produces the model. Default: none.
            tags: Tags; values are stored as text. Default: none.
            params: Params; values are stored as text. Default: none.
            model_type: Kind of the model, any text. Default: ``''``.
            artifact_path: Path in the source run's artifacts to store the files at. Default: a folder of the model's
                own.

        Returns:
            The logged model.

        Raises:
            DoesNotExist: No experiment or run has this id.
            InvalidParameter: An argument is not valid, or ``artifact_path`` is given without ``source_run_id``.

        Example:
            >>> from mlyard import MlyardClient
            >>> model = MlyardClient().create_logged_model("0", "line", params={"alpha": 0.5})
            >>> model.name, model.params, model.status
            ('line', {'alpha': '0.5'}, 'LOGGED_MODEL_PENDING')
        """
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
        """Return a logged model.

        Args:
            model_id: Id of the model: ``m-`` and 32 hex digits.

        Returns:
            The logged model with its params, tags and metrics.

        Raises:
            DoesNotExist: No logged model has this id, or it is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> client.get_logged_model(client.create_logged_model("0", "line").model_id).name
            'line'
        """
        return self._tracking.store.logged_models.get(model_id)

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Set the final status of a logged model.

        Args:
            model_id: Id of the model.
            status: ``"READY"`` or ``"FAILED"``; MLflow's ``"LOGGED_MODEL_READY"`` and ``"LOGGED_MODEL_UPLOAD_FAILED"``
                also work.

        Returns:
            The changed model.

        Raises:
            DoesNotExist: No logged model has this id.
            InvalidParameter: The status is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> model = client.create_logged_model("0", "line")
            >>> client.finalize_logged_model(model.model_id, "READY").status
            'LOGGED_MODEL_READY'
        """
        plain = str(status).removeprefix("LOGGED_MODEL_")
        full = f"LOGGED_MODEL_{'UPLOAD_FAILED' if plain == 'FAILED' else plain}"
        return self._tracking.store.logged_models.finalize(model_id, full)

    def search_logged_models(
        self,
        experiment_ids: Sequence[str] | str,
        filter_string: str | None = None,
        datasets: Sequence[Mapping[str, str]] | None = None,
        max_results: int | None = None,
        order_by: Sequence[Mapping[str, Any] | str] | str | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Find logged models, one page at a time.

        Args:
            experiment_ids: Experiments to search, or one of them; without any, nothing is found.
            filter_string: Condition such as ``"name = 'line' AND metrics.rmse < 0.2"``. Default: no condition.
            datasets: Only models with metrics on one of these datasets, each ``{"dataset_name": …, "dataset_digest":
                …}``; the digest may be left out. Default: any.
            max_results: Size of a page, at most 1,000. Default: 100.
            order_by: What to sort by, such as ``"metrics.rmse"`` or
                ``{"field_name": "metrics.rmse", "ascending": False, "dataset_name": …}``. Default: newest first.
            page_token: ``token`` of the previous page. Default: the first page.

        Returns:
            A list of logged models, whose ``token`` asks for the next page; it is empty or None on the last page.

        Raises:
            InvalidParameter: An argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_logged_model("0", "line")
            >>> [model.name for model in client.search_logged_models(["0"], "name = 'line'")]
            ['line']
        """
        ordered = several(order_by) if isinstance(order_by, str) else order_by or ()
        orders = [{"field_name": each} if isinstance(each, str) else dict(each) for each in ordered]
        query = LoggedModelQuery(
            experiment_ids=several(experiment_ids),
            filter=filter_string or "",
            order_by=tuple(_order(each) for each in orders),
            max_results=max_results or 100,
            page_token=page_token,
            datasets=tuple(_dataset(each) for each in datasets or ()),
            order_datasets=tuple(_dataset(each) for each in orders),
        )
        return self._tracking.store.logged_models.search(query)

    def log_model_params(self, model_id: str, params: Mapping[str, Any]) -> None:
        """Add params to a logged model.

        Args:
            model_id: Id of the model.
            params: Names and values; values are stored as text.

        Raises:
            DoesNotExist: No logged model has this id.
            InvalidParameter: A name or value is not valid, or a param already has another value.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> model = client.create_logged_model("0", "line")
            >>> client.log_model_params(model.model_id, {"alpha": 0.5})
            >>> client.get_logged_model(model.model_id).params
            {'alpha': '0.5'}
        """
        self._tracking.store.logged_models.log_params(model_id, texts(params))

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, Any]) -> None:
        """Set or change tags of a logged model.

        Args:
            model_id: Id of the model.
            tags: Names and values; values are stored as text.

        Raises:
            DoesNotExist: No logged model has this id.
            InvalidParameter: A name or value is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> model = client.create_logged_model("0", "line")
            >>> client.set_logged_model_tags(model.model_id, {"team": "energy"})
            >>> client.get_logged_model(model.model_id).tags
            {'team': 'energy'}
        """
        self._tracking.store.logged_models.set_tags(model_id, texts(tags))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag of a logged model.

        Args:
            model_id: Id of the model.
            key: Name of the tag.

        Raises:
            DoesNotExist: No logged model has this id, or it has no such tag.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> model = client.create_logged_model("0", "line", tags={"team": "energy"})
            >>> client.delete_logged_model_tag(model.model_id, "team")
            >>> client.get_logged_model(model.model_id).tags
            {}
        """
        self._tracking.store.logged_models.delete_tag(model_id, key)

    def delete_logged_model(self, model_id: str) -> None:
        """Mark a logged model as deleted; it is not found any more.

        Args:
            model_id: Id of the model.

        Raises:
            DoesNotExist: No logged model has this id.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> model = client.create_logged_model("0", "line")
            >>> client.delete_logged_model(model.model_id)
            >>> client.search_logged_models(["0"])
            []
        """
        self._tracking.store.logged_models.delete(model_id)


def _order(order: Mapping[str, Any]) -> str:
    name = str(order["field_name"])
    return name if order.get("ascending", True) else f"{name} DESC"


def _dataset(given: Mapping[str, Any]) -> DatasetReference:
    """The dataset that ``dataset_name`` and ``dataset_digest`` name."""
    return DatasetReference(**{key: str(given.get(f"dataset_{key}") or "") for key in _DATASETS})
