"""The fluent functions: they log to the active run, which they start when there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlyard.client import active
from mlyard.client.active import ActiveRun
from mlyard.client.backends import open_backend
from mlyard.client.client import MlyardClient
from mlyard.client.context import context_tags
from mlyard.client.frames import runs_frame
from mlyard.client.runs import metric_of
from mlyard.core import settings
from mlyard.core.errors import AlreadyExists, InvalidParameter
from mlyard.domain.experiments import ACTIVE, DEFAULT_EXPERIMENT_ID, Experiment
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import ACTIVE_ONLY
from mlyard.domain.runs import FINISHED, RUNNING, TAG_NOTE, TAG_PARENT_RUN_ID, Param, Run, RunTag
from mlyard.services.model_sources import separate_model

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "active_run",
    "create_experiment",
    "delete_experiment",
    "delete_run",
    "delete_tag",
    "end_run",
    "get_experiment",
    "get_experiment_by_name",
    "get_run",
    "last_active_run",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "register_model",
    "search_experiments",
    "search_model_versions",
    "search_registered_models",
    "search_runs",
    "set_experiment",
    "set_tag",
    "set_tags",
    "start_run",
]

_PAGE = 1000
_experiment: dict[str, str] = {}


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
    """The new experiment's id. Raises AlreadyExists."""
    return MlyardClient().create_experiment(name, artifact_location, tags)


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """The experiment of runs from now on, made when there is none of that name."""
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidParameter("Must specify exactly one of: `experiment_id` or `experiment_name`.")
    client = MlyardClient()
    found = (
        client.get_experiment(experiment_id) if experiment_id is not None else _by_name(client, experiment_name or "")
    )
    if found.lifecycle_stage != ACTIVE:
        raise InvalidParameter(
            f"Cannot set a deleted experiment '{found.name}' as the active experiment. Restore it, or use another."
        )
    _experiment["id"] = found.experiment_id
    os.environ["MLYARD_EXPERIMENT_ID"] = found.experiment_id
    return found


def _by_name(client: MlyardClient, name: str) -> Experiment:
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.get_experiment(client.create_experiment(name))
        except AlreadyExists:  # another process was faster
            found = client.get_experiment_by_name(name)
            assert found is not None
    return found


def get_experiment(experiment_id: str) -> Experiment:
    """An experiment by id. Raises DoesNotExist."""
    return MlyardClient().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """An experiment by name; None when there is none."""
    return MlyardClient().get_experiment_by_name(name)


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
) -> ActiveRun:
    """Start a run, or continue one. Raises InvalidParameter when one is active and ``nested`` is not set."""
    parent = active.current()
    if parent and not nested:
        raise InvalidParameter(
            f"Run with UUID {parent.info.run_id} is already active. To start a new run, first end the current run "
            "with mlyard.end_run(). To start a nested run, call start_run with nested=True"
        )
    client = MlyardClient()
    existing = run_id or (None if parent else settings.RUN_ID.get())
    if existing:
        os.environ.pop("MLYARD_RUN_ID", None)
        os.environ.pop("MLFLOW_RUN_ID", None)
        return active.push(_continue(client, existing, tags), client)
    labels: dict[str, Any] = {**context_tags(), **(tags or {})}
    if description:
        labels[TAG_NOTE] = description
    parent_id = parent_run_id or (parent.info.run_id if parent else None)
    if parent_id:
        labels[TAG_PARENT_RUN_ID] = parent_id
    run = client.create_run(experiment_id or active_experiment(client), tags=labels, run_name=run_name)
    return active.push(run, client)


def _continue(client: MlyardClient, run_id: str, tags: Mapping[str, Any] | None) -> Run:
    if client.get_run(run_id).info.lifecycle_stage != ACTIVE:
        raise InvalidParameter(f"Cannot start run with ID {run_id} because it is in the deleted state.")
    client.update_run(run_id, status=RUNNING)
    if tags:
        client.log_batch(run_id, tags=[RunTag(key=key, value=str(value)) for key, value in tags.items()])
    return client.get_run(run_id)


def active_experiment(client: MlyardClient) -> str:
    """The id of the experiment of new runs."""
    name = settings.EXPERIMENT_NAME.get()
    chosen = _experiment.get("id") or settings.EXPERIMENT_ID.get()
    if chosen:
        return chosen
    return _by_name(client, name).experiment_id if name else DEFAULT_EXPERIMENT_ID


def active_run() -> ActiveRun | None:
    """The active run of this thread."""
    return active.current()


def last_active_run() -> Run | None:
    """The active run, or the one that ended last in this thread, read anew."""
    run_id = active.last_run_id()
    return MlyardClient().get_run(run_id) if run_id else None


def end_run(status: str = FINISHED) -> None:
    """End the active run; nothing when there is none."""
    active.end(status)


def get_run(run_id: str) -> Run:
    """A run with its data. Raises DoesNotExist."""
    return MlyardClient().get_run(run_id)


def delete_run(run_id: str) -> None:
    """Mark a run as deleted."""
    MlyardClient().delete_run(run_id)


def delete_experiment(experiment_id: str) -> None:
    """Mark an experiment and its runs as deleted."""
    MlyardClient().delete_experiment(experiment_id)


def target(run_id: str | None = None) -> tuple[MlyardClient, str]:
    """The client and the run to log to: the given one, the active one, or a new one."""
    if run_id:
        return MlyardClient(), run_id
    run = active.current() or start_run()
    return active.current_client(), run.info.run_id


def log_param(key: str, value: Any) -> Any:
    """Set a param of the active run; returns the value."""
    client, run_id = target()
    return client.log_param(run_id, key, value)


def log_params(params: Mapping[str, Any], run_id: str | None = None) -> None:
    """Set params at once: all or none."""
    client, run = target(run_id)
    client.log_batch(run, params=[Param(key=key, value=str(value)) for key, value in params.items()])


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
) -> None:
    """Log a point of a metric; ``timestamp`` in ms. With ``model_id``, it is that logged model's too."""
    client, run = target(run_id)
    client.log_metric(run, key, value, timestamp, step, model_id=model_id)


def log_metrics(
    metrics: Mapping[str, float],
    step: int | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
) -> None:
    """Log a point of several metrics at once: all or none. With ``model_id``, they are that logged model's too."""
    client, run = target(run_id)
    points = [metric_of(key, value, timestamp, step, model_id) for key, value in metrics.items()]
    client.log_batch(run, metrics=points)


def set_tag(key: str, value: Any) -> None:
    """Set or change a tag of the active run."""
    client, run_id = target()
    client.set_tag(run_id, key, value)


def set_tags(tags: Mapping[str, Any]) -> None:
    """Set or change tags at once: all or none."""
    client, run_id = target()
    client.log_batch(run_id, tags=[RunTag(key=key, value=str(value)) for key, value in tags.items()])


def delete_tag(key: str) -> None:
    """Remove a tag of the active run. Raises DoesNotExist."""
    client, run_id = target()
    client.delete_tag(run_id, key)


def search_experiments(
    view_type: int | str = ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """All experiments that match, or the first ``max_results``."""
    client = MlyardClient()
    return _pages(
        lambda size, token: client.search_experiments(view_type, size, filter_string, order_by, token), max_results
    )


def search_runs(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: int | str = ACTIVE_ONLY,
    max_results: int = 100_000,
    order_by: Sequence[str] | None = None,
    output_format: str = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
) -> pd.DataFrame | list[Run]:
    """Runs that match, as a data frame (a row a run, columns as MLflow's) or as a list."""
    if output_format not in {"pandas", "list"}:
        raise InvalidParameter(f"Unsupported output format: {output_format!r}. Use 'pandas' or 'list'.")
    client = MlyardClient()
    ids = _scope(client, experiment_ids, search_all_experiments, experiment_names)
    runs = _pages(
        lambda size, token: client.search_runs(ids, filter_string, run_view_type, size, order_by, token), max_results
    )
    if output_format == "list":
        return runs
    return runs_frame(runs)


def _scope(client: MlyardClient, ids: Sequence[str] | None, everywhere: bool, names: Sequence[str] | None) -> list[str]:
    if ids and names:
        raise InvalidParameter("Only experiment_ids or experiment_names can be used, but not both.")
    if names:
        found = [client.get_experiment_by_name(name) for name in names]
        return [experiment.experiment_id for experiment in found if experiment]
    if everywhere:
        return [experiment.experiment_id for experiment in search_experiments()]
    return [str(i) for i in ids] if ids else [active_experiment(client)]


def _pages(fetch: Any, max_results: int | None) -> list[Any]:
    items: list[Any] = []
    token: str | None = None
    while max_results is None or len(items) < max_results:
        size = _PAGE if max_results is None else min(_PAGE, max_results - len(items))
        page = fetch(size, token)
        items += page
        token = page.token
        if not token:
            break
    return items


def register_model(
    model_uri: str, name: str, await_registration_for: float | None = None, tags: Mapping[str, Any] | None = None
) -> ModelVersion:
    """A new version of a model, which is made when there is none of that name."""
    client = MlyardClient()
    try:
        client.create_registered_model(name)
        print(f"Successfully registered model '{name}'.", file=sys.stderr)
    except AlreadyExists:
        print(f"Registered model '{name}' already exists. Creating a new version of this model...", file=sys.stderr)
    version = _create_version(client, model_uri, name, tags)
    print(f"Created version '{version.version}' of model '{name}'.", file=sys.stderr)
    return version


def _create_version(client: MlyardClient, uri: str, name: str, tags: Mapping[str, Any] | None) -> ModelVersion:
    if uri.startswith("models:/m-"):
        return client.create_model_version(name, uri, tags=tags, model_id=uri[len("models:/") :])
    if not uri.startswith("runs:/"):
        return client.create_model_version(name, uri, tags=tags)
    run_id, _, path = uri[len("runs:/") :].partition("/")
    info = client.get_run(run_id).info
    model = separate_model(open_backend(client.tracking_uri).store, info, path)
    if model is not None:
        return client.create_model_version(name, model.model_uri, run_id, tags, model_id=model.model_id)
    return client.create_model_version(name, f"{info.artifact_uri}/{path}", run_id, tags)


def search_registered_models(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[Any]:
    """All registered models that match, or the first ``max_results``."""
    client = MlyardClient()
    return _pages(
        lambda size, token: client.search_registered_models(filter_string, size, order_by, token), max_results
    )


def search_model_versions(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[ModelVersion]:
    """All model versions that match, or the first ``max_results``."""
    client = MlyardClient()
    return _pages(lambda size, token: client.search_model_versions(filter_string, size, order_by, token), max_results)
