"""Fluent functions about logged models: trained models with a life of their own beside their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlyard.client import active
from mlyard.client.client import MlyardClient
from mlyard.client.context import context_tags
from mlyard.client.fluent_experiments import active_experiment
from mlyard.core.errors import InvalidParameter
from mlyard.domain.logged_models import LoggedModel

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "delete_logged_model_tag",
    "finalize_logged_model",
    "get_logged_model",
    "initialize_logged_model",
    "last_logged_model",
    "log_model_params",
    "search_logged_models",
    "set_logged_model_tags",
]


def initialize_logged_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """A model that is pending: ``log_model(…, model_id=…)`` gives it its files, ``finalize_logged_model`` ends it."""
    client = MlyardClient()
    run = active.current()
    return client.create_logged_model(
        experiment_id or (run.info.experiment_id if run else active_experiment(client)),
        name,
        source_run_id=source_run_id or (run.info.run_id if run else None),
        tags={**context_tags(), **(tags or {})},
        params=params,
        model_type=model_type,
    )


def get_logged_model(model_id: str) -> LoggedModel:
    """A logged model. Raises DoesNotExist."""
    return MlyardClient().get_logged_model(model_id)


def finalize_logged_model(model_id: str, status: str) -> LoggedModel:
    """Say that a model is READY, or has FAILED."""
    return MlyardClient().finalize_logged_model(model_id, status)


def search_logged_models(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str | None = None,
    datasets: Sequence[Mapping[str, str]] | None = None,
    max_results: int | None = None,
    order_by: Sequence[Mapping[str, Any] | str] | None = None,
    output_format: str = "pandas",
) -> pd.DataFrame | list[LoggedModel]:
    """Logged models that match, newest first: as a data frame (a row a model) or as a list."""
    if output_format not in {"pandas", "list"}:
        raise InvalidParameter(f"Unsupported output format: {output_format!r}. Use 'pandas' or 'list'.")
    client = MlyardClient()
    ids = [str(i) for i in experiment_ids] if experiment_ids else [active_experiment(client)]
    found: list[LoggedModel] = []
    token: str | None = None
    while max_results is None or len(found) < max_results:
        page = client.search_logged_models(ids, filter_string, datasets, max_results, order_by, token)
        found += page
        token = page.token
        if not token:
            break
    found = found[:max_results]
    if output_format == "list":
        return found
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame([dict(model) for model in found], columns=list(LoggedModel.__struct_fields__))
    return frame


def last_logged_model() -> LoggedModel | None:
    """The newest model of the run that this thread has, or ended last; None when there is none."""
    run_id = active.last_run_id()
    if run_id is None:
        return None
    client = MlyardClient()
    experiment = client.get_run(run_id).info.experiment_id
    found = client.search_logged_models([experiment], f"source_run_id = '{run_id}'", max_results=1)
    return found[0] if found else None


def log_model_params(params: Mapping[str, Any], model_id: str) -> None:
    """Add params to a logged model."""
    MlyardClient().log_model_params(model_id, params)


def set_logged_model_tags(model_id: str, tags: Mapping[str, Any]) -> None:
    """Set or change tags of a logged model."""
    MlyardClient().set_logged_model_tags(model_id, tags)


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Remove a tag of a logged model. Raises DoesNotExist."""
    MlyardClient().delete_logged_model_tag(model_id, key)
