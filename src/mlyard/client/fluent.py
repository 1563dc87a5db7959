"""The fluent functions: they log to the active run, which they start when there is none."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlyard.client import active
from mlyard.client.active import ActiveRun
from mlyard.client.client import MlyardClient
from mlyard.client.context import context_tags
from mlyard.client.fluent_experiments import (
    active_experiment,
    create_experiment,
    delete_experiment,
    get_experiment,
    get_experiment_by_name,
    search_experiments,
    set_experiment,
)
from mlyard.client.fluent_registry import register_model, search_model_versions, search_registered_models
from mlyard.client.frames import runs_frame
from mlyard.client.pages import all_pages
from mlyard.client.runs import metric_of
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.domain.experiments import ACTIVE
from mlyard.domain.page import ACTIVE_ONLY
from mlyard.domain.runs import FINISHED, RUNNING, TAG_NOTE, TAG_PARENT_RUN_ID, Param, Run, RunTag

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
    runs = all_pages(
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
