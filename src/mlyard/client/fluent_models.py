"""The fluent functions about logged models: trained models stored apart from the runs that produced them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlyard.client import active
from mlyard.client.arguments import several
from mlyard.client.client import MlyardClient
from mlyard.client.context import context_tags
from mlyard.client.fluent_experiments import active_experiment
from mlyard.client.pages import all_pages
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
    """Create a logged model that is pending: it has no files yet.

    ``log_model(…, model_id=…)`` of a flavor adds the files, and ``finalize_logged_model`` sets the final status.

    Args:
        name: Name of the model, without ``/ : . % " '``. Default: a random one.
        source_run_id: Run that produces the model. Default: the active run, if there is one.
        tags: Tags; values are stored as text. Default: none but user, script and git commit.
        params: Params; values are stored as text. Default: none.
        model_type: Kind of the model, any text. Default: ``''``.
        experiment_id: Experiment of the model. Default: that of the active run, else the active experiment.

    Returns:
        The logged model.

    Raises:
        InvalidParameter: An argument is not valid, or the experiment or run is deleted.
        DoesNotExist: No run or experiment has this id.

    Example:
        >>> import mlyard
        >>> mlyard.initialize_logged_model("line", params={"alpha": 0.5}).params
        {'alpha': '0.5'}
    """
    client = MlyardClient()
    run = active.current()
    if experiment_id in (None, ""):
        experiment_id = run.info.experiment_id if run else active_experiment(client)
    return client.create_logged_model(
        str(experiment_id),
        name,
        source_run_id=source_run_id or (run.info.run_id if run else None),
        tags={**context_tags(), **(tags or {})},
        params=params,
        model_type=model_type,
    )


def get_logged_model(model_id: str) -> LoggedModel:
    """Return a logged model.

    Args:
        model_id: Id of the model: ``m-`` and 32 hex digits.

    Returns:
        The logged model with its params, tags and metrics.

    Raises:
        DoesNotExist: No logged model has this id, or it is deleted.

    Example:
        >>> import mlyard
        >>> model = mlyard.initialize_logged_model("line")
        >>> mlyard.get_logged_model(model.model_id).name
        'line'
    """
    return MlyardClient().get_logged_model(model_id)


def finalize_logged_model(model_id: str, status: str) -> LoggedModel:
    """Set the final status of a logged model.

    Args:
        model_id: Id of the model.
        status: ``"READY"`` or ``"FAILED"``.

    Returns:
        The changed model.

    Raises:
        DoesNotExist: No logged model has this id.
        InvalidParameter: The status is not valid.

    Example:
        >>> import mlyard
        >>> model = mlyard.initialize_logged_model("line")
        >>> mlyard.finalize_logged_model(model.model_id, "READY").status
        'LOGGED_MODEL_READY'
    """
    return MlyardClient().finalize_logged_model(model_id, status)


def search_logged_models(
    experiment_ids: Sequence[str] | str | None = None,
    filter_string: str | None = None,
    datasets: Sequence[Mapping[str, str]] | None = None,
    max_results: int | None = None,
    order_by: Sequence[Mapping[str, Any] | str] | str | None = None,
    output_format: str = "pandas",
) -> pd.DataFrame | list[LoggedModel]:
    """Find logged models; results of several pages are joined.

    Args:
        experiment_ids: Experiments to search, or one of them. Default: the active experiment.
        filter_string: Condition such as ``"name = 'line' AND metrics.rmse < 0.2"``. Default: no condition.
        datasets: Only models with metrics on one of these datasets, each ``{"dataset_name": …, "dataset_digest": …}``;
            the digest may be left out. Default: any.
        max_results: The most models to return. Default: all.
        order_by: What to sort by, such as ``"metrics.rmse"`` or
            ``{"field_name": "metrics.rmse", "ascending": False, "dataset_name": …}``. Default: newest first.
        output_format: ``"pandas"`` (default) or ``"list"``.

    Returns:
        A data frame with one row per model, or a list of logged models.

    Raises:
        InvalidParameter: The filter, the order or the output format is not valid.

    Example:
        >>> import mlyard
        >>> _ = mlyard.initialize_logged_model("line")
        >>> [model.name for model in mlyard.search_logged_models(output_format="list")]
        ['line']
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidParameter(f"Unsupported output format: {output_format!r}. Use 'pandas' or 'list'.")
    client = MlyardClient()
    ids = several(experiment_ids) or (active_experiment(client),)
    found = all_pages(
        lambda size, token: client.search_logged_models(ids, filter_string, datasets, size, order_by, token),
        max_results,
    )
    if output_format == "list":
        return found
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame([dict(model) for model in found], columns=list(LoggedModel.__struct_fields__))
    return frame


def last_logged_model() -> LoggedModel | None:
    """Return the newest logged model of this thread's active run, or of the run that ended last.

    Returns:
        The logged model, or None if there is no such run or model.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     _ = mlyard.initialize_logged_model("line")
        >>> mlyard.last_logged_model().name
        'line'
    """
    run_id = active.last_run_id()
    if run_id is None:
        return None
    client = MlyardClient()
    experiment = client.get_run(run_id).info.experiment_id
    found = client.search_logged_models([experiment], f"source_run_id = '{run_id}'", max_results=1)
    return found[0] if found else None


def log_model_params(params: Mapping[str, Any], model_id: str) -> None:
    """Add params to a logged model.

    Args:
        params: Names and values; values are stored as text.
        model_id: Id of the model.

    Raises:
        DoesNotExist: No logged model has this id.
        InvalidParameter: A name or value is not valid, or a param already has another value.

    Example:
        >>> import mlyard
        >>> model = mlyard.initialize_logged_model("line")
        >>> mlyard.log_model_params({"alpha": 0.5}, model.model_id)
        >>> mlyard.get_logged_model(model.model_id).params
        {'alpha': '0.5'}
    """
    MlyardClient().log_model_params(model_id, params)


def set_logged_model_tags(model_id: str, tags: Mapping[str, Any]) -> None:
    """Set or change tags of a logged model.

    Args:
        model_id: Id of the model.
        tags: Names and values; values are stored as text.

    Raises:
        DoesNotExist: No logged model has this id.
        InvalidParameter: A name or value is not valid.

    Example:
        >>> import mlyard
        >>> model = mlyard.initialize_logged_model("line")
        >>> mlyard.set_logged_model_tags(model.model_id, {"team": "energy"})
        >>> mlyard.get_logged_model(model.model_id).tags["team"]
        'energy'
    """
    MlyardClient().set_logged_model_tags(model_id, tags)


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Remove a tag of a logged model.

    Args:
        model_id: Id of the model.
        key: Name of the tag.

    Raises:
        DoesNotExist: No logged model has this id, or it has no such tag.

    Example:
        >>> import mlyard
        >>> model = mlyard.initialize_logged_model("line", tags={"team": "energy"})
        >>> mlyard.delete_logged_model_tag(model.model_id, "team")
        >>> "team" in mlyard.get_logged_model(model.model_id).tags
        False
    """
    MlyardClient().delete_logged_model_tag(model_id, key)
