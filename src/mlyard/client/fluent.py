"""The fluent functions: they log to the active run, and start one if there is none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

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
from mlyard.client.fluent_search import metric_history, search_runs
from mlyard.client.operations import RunOperations
from mlyard.client.values import metric_of
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.domain.experiments import ACTIVE
from mlyard.domain.runs import FINISHED, RUNNING, TAG_NOTE, TAG_PARENT_RUN_ID, Param, Run, RunTag

_log = logger("client.fluent")

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
    "metric_history",
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
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Start a run, or continue one, and make it the active run of this thread or asyncio task.

    In a forked process, the active run of the parent is active too, but does not prevent a run of its own.

    If no run is active, and neither ``run_id`` nor ``parent_run_id`` is given, the run of ``MLYARD_RUN_ID`` is
    continued if it is set.

    Args:
        run_id: Run to continue; its status becomes RUNNING again. Default: a new run.
        experiment_id: Experiment of a new run. Default: the one of ``set_experiment``, else of the environment, else
            ``Default``.
        run_name: Name of the run. Default: a random one, or that of the run that is continued.
        nested: Allow an active run, which becomes the parent of the new one. Default: False.
        parent_run_id: Parent of a new run. Default: the active run, if there is one.
        tags: Tags to set; values are stored as text. Default: none but user, script and git commit.
        description: Text shown on the page of the run. Default: none.
        log_system_metrics: System metrics are not collected yet: ``True`` is answered with a warning. Default: None.

    Returns:
        The run, for a ``with`` block that ends it.

    Raises:
        InvalidParameter: A run is active and ``nested`` is not set, the run or experiment is deleted, or the tags hold
            another description.
        DoesNotExist: No run or experiment has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(run_name="first", tags={"kind": "trial"}) as run:
        ...     mlyard.log_metric("rmse", 0.5)
        >>> mlyard.get_run(run.info.run_id).data.tags["kind"]
        'trial'
    """
    parent = active.current()
    if parent and not nested and not active.is_own(parent):
        parent = None  # a forked worker starts a run of its own, as a spawned one does
    if parent and not nested:
        raise InvalidParameter(
            f"Run with UUID {parent.info.run_id} is already active. To start a new run, first end the current run "
            "with mlyard.end_run(). To start a nested run, call start_run with nested=True"
        )
    if log_system_metrics:
        _log.warning("start_run(log_system_metrics=True): system metrics are not collected yet.")
    client = MlyardClient()
    labels = _with_note(tags or {}, description)
    existing = run_id or (None if parent or parent_run_id else settings.RUN_ID.get())
    if existing:
        os.environ.pop("MLYARD_RUN_ID", None)
        os.environ.pop("MLFLOW_RUN_ID", None)
        return active.push(_continue(client, existing, labels, run_name), client)
    parent_id = parent_run_id or (parent.info.run_id if parent else None)
    if parent_id:
        labels[TAG_PARENT_RUN_ID] = parent_id
    labels = {**context_tags(), **labels}
    chosen = active_experiment(client) if experiment_id in (None, "") else str(experiment_id)
    return active.push(client.create_run(chosen, tags=labels, run_name=run_name), client)


def _with_note(tags: Mapping[str, Any], description: str | None) -> dict[str, Any]:
    if not description:
        return dict(tags)
    if tags.get(TAG_NOTE, description) != description:
        raise InvalidParameter(
            f"Description is already set via the tag {TAG_NOTE} in tags, as another text: leave one of them out."
        )
    return {**tags, TAG_NOTE: description}


def _continue(client: MlyardClient, run_id: str, tags: Mapping[str, Any], name: str | None) -> Run:
    if client.get_run(run_id).info.lifecycle_stage != ACTIVE:
        raise InvalidParameter(f"Cannot start run with ID {run_id} because it is in the deleted state.")
    client.update_run(run_id, status=RUNNING, name=name)
    if tags:
        client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])
    return client.get_run(run_id)


def active_run() -> ActiveRun | None:
    """Return the active run of this thread or asyncio task; in a forked process, perhaps one of the parent.

    Returns:
        The run that was started last and has not ended, as it was when it was started; None if there is none.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(run_name="first"):
        ...     mlyard.active_run().info.run_name
        'first'
        >>> mlyard.active_run() is None
        True
    """
    return active.current()


def last_active_run() -> Run | None:
    """Return the active run of this thread, or the one that ended last, with its current data.

    Returns:
        The run, read from the store; None if this thread has started no run.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     mlyard.log_metric("rmse", 0.5)
        >>> mlyard.last_active_run().data.metrics
        {'rmse': 0.5}
    """
    run_id = active.last_run_id()
    return MlyardClient().get_run(run_id) if run_id else None


def end_run(status: str = FINISHED) -> None:
    """End the active run of this thread or asyncio task; without an active run, do nothing.

    In a forked process, a run of the parent is not ended, only left.

    Args:
        status: ``"FINISHED"`` (default), ``"FAILED"`` or ``"KILLED"``.

    Raises:
        InvalidParameter: The status is not valid, or the run was deleted meanwhile.

    Example:
        >>> import mlyard
        >>> run = mlyard.start_run()
        >>> mlyard.end_run("FAILED")
        >>> mlyard.get_run(run.info.run_id).info.status
        'FAILED'
    """
    active.end(status)


def get_run(run_id: str) -> Run:
    """Return a run with its params, tags and latest metrics, even if it is deleted.

    Args:
        run_id: Id of the run.

    Returns:
        The run.

    Raises:
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_params({"alpha": 0.5})
        >>> mlyard.get_run(run.info.run_id).data.params
        {'alpha': '0.5'}
    """
    return MlyardClient().get_run(run_id)


def delete_run(run_id: str) -> None:
    """Mark a run as deleted; ``MlyardClient.restore_run`` undoes this.

    Args:
        run_id: Id of the run.

    Raises:
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_metric("rmse", 0.5)
        >>> mlyard.delete_run(run.info.run_id)
        >>> mlyard.get_run(run.info.run_id).info.lifecycle_stage
        'deleted'
    """
    MlyardClient().delete_run(run_id)


def target(run_id: str | None = None) -> tuple[MlyardClient, str]:
    """The client and the run to log to: the given one, the active one, or a new one."""
    if run_id:
        return MlyardClient(), run_id
    run = active.current() or start_run()
    return active.current_client(), run.info.run_id


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log a param of the active run, which is started if there is none.

    Args:
        key: Name: letters, digits, ``_ - . : /`` and spaces; at most 250 characters.
        value: Value; its ``str()`` is stored. What is longer than 6,000 characters is cut, or refused if
            ``MLYARD_TRUNCATE_LONG_VALUES`` is false.
        synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when the
            value is stored. Default: None.

    Returns:
        ``value``, unchanged; with ``synchronous=False`` an object with ``wait()``.

    Raises:
        InvalidParameter: The name or value is not valid, or the param already has another value.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     mlyard.log_param("alpha", 0.5)
        0.5
    """
    client, run_id = target()
    return client.log_param(run_id, key, value, synchronous)


def log_params(
    params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None
) -> RunOperations | None:
    """Log several params at once: all of them or none.

    More than 100 are sent in several requests, after all of them were checked. If a later request fails because a
    param already has another value, the params of earlier ones are stored.

    Args:
        params: Names and values; see ``log_param``.
        synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when the
            values are stored. Default: None.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Returns:
        None; with ``synchronous=False`` an object with ``wait()``.

    Raises:
        InvalidParameter: A name or value is not valid, or a param already has another value.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_params({"alpha": 0.5, "solver": "sag"})
        >>> mlyard.get_run(run.info.run_id).data.params
        {'alpha': '0.5', 'solver': 'sag'}
    """
    client, run = target(run_id)
    return client.log_batch(run, params=[Param(key, value) for key, value in params.items()], synchronous=synchronous)


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> RunOperations | None:
    """Log one point of a metric.

    Args:
        key: Name: letters, digits, ``_ - . : /`` and spaces; at most 250 characters.
        value: Number, what ``float()`` makes one of, or an array or tensor of one element; NaN and infinities are
            allowed.
        step: Position of the point, such as an epoch; a whole number. Default: 0.
        synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when the
            value is stored. Default: None.
        timestamp: Time of the point in milliseconds since 1970. Default: now.
        run_id: Run to log to. Default: the active run, which is started if there is none.
        model_id: Logged model that the point is also about. Default: none.
        dataset: Dataset that the point was computed on: an object with a ``name`` and a ``digest``. Default: none.

    Returns:
        None; with ``synchronous=False`` an object with ``wait()``.

    Raises:
        InvalidParameter: The name or value is not valid, the run is deleted, or no logged model has this id.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     for epoch in range(3):
        ...         mlyard.log_metric("loss", 1 / (1 + epoch), step=epoch)
        >>> mlyard.MlyardClient().get_metric_history(run.info.run_id, "loss")[1].value
        0.5
    """
    client, run = target(run_id)
    point = metric_of(key, value, timestamp, step, model_id, dataset)
    return client.log_batch(run, metrics=[point], synchronous=synchronous)


def log_metrics(
    metrics: Mapping[str, float],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> RunOperations | None:
    """Log one point of several metrics at once: all of them or none.

    More than 1,000 are sent in several requests, after all of them were checked.

    Args:
        metrics: Names and numbers; see ``log_metric``.
        step: Position of the points, such as an epoch; a whole number. Default: 0.
        synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when the
            values are stored. Default: None.
        run_id: Run to log to. Default: the active run, which is started if there is none.
        timestamp: Time of the points in milliseconds since 1970. Default: now.
        model_id: Logged model that the points are also about. Default: none.
        dataset: Dataset that the points were computed on: an object with a ``name`` and a ``digest``. Default: none.

    Returns:
        None; with ``synchronous=False`` an object with ``wait()``.

    Raises:
        InvalidParameter: A name or value is not valid, the run is deleted, or no logged model has this id.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_metrics({"mae": 0.25, "rmse": 0.5})
        >>> mlyard.get_run(run.info.run_id).data.metrics
        {'mae': 0.25, 'rmse': 0.5}
    """
    client, run = target(run_id)
    points = [metric_of(key, value, timestamp, step, model_id, dataset) for key, value in metrics.items()]
    return client.log_batch(run, metrics=points, synchronous=synchronous)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> RunOperations | None:
    """Set or change a tag of the active run, which is started if there is none.

    Args:
        key: Name: letters, digits, ``_ - . : /`` and spaces; at most 250 characters.
        value: Value; its ``str()`` is stored. What is longer than 8,000 characters is cut, or refused if
            ``MLYARD_TRUNCATE_LONG_VALUES`` is false.
        synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when the
            value is stored. Default: None.

    Returns:
        None; with ``synchronous=False`` an object with ``wait()``.

    Raises:
        InvalidParameter: The name or value is not valid.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.set_tag("kind", "trial")
        >>> mlyard.get_run(run.info.run_id).data.tags["kind"]
        'trial'
    """
    client, run_id = target()
    return client.set_tag(run_id, key, value, synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> RunOperations | None:
    """Set or change several tags of the active run at once, which is started if there is none: all tags or none.

    More than 100 are sent in several requests, after all of them were checked.

    Args:
        tags: Names and values; see ``set_tag``.
        synchronous: ``False`` returns an object with ``wait()``, as in MLflow. In any case the call returns when the
            values are stored. Default: None.

    Returns:
        None; with ``synchronous=False`` an object with ``wait()``.

    Raises:
        InvalidParameter: A name or value is not valid.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.set_tags({"kind": "trial", "team": "energy"})
        >>> mlyard.get_run(run.info.run_id).data.tags["team"]
        'energy'
    """
    client, run_id = target()
    return client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()], synchronous=synchronous)


def delete_tag(key: str) -> None:
    """Remove a tag of the active run; a run is started if there is none.

    Args:
        key: Name of the tag.

    Raises:
        DoesNotExist: The run has no such tag.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(tags={"kind": "trial"}) as run:
        ...     mlyard.delete_tag("kind")
        >>> "kind" in mlyard.get_run(run.info.run_id).data.tags
        False
    """
    client, run_id = target()
    client.delete_tag(run_id, key)
