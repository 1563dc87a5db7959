"""The fluent functions about experiments."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.client import MlyardClient
from mlyard.client.pages import all_pages
from mlyard.core import settings
from mlyard.core.errors import AlreadyExists, InvalidParameter
from mlyard.domain.experiments import ACTIVE, DEFAULT_EXPERIMENT_ID, Experiment
from mlyard.domain.page import ACTIVE_ONLY

_experiment: dict[str, str] = {}


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
    """Create an experiment.

    Args:
        name: Name that no other experiment has, deleted ones included; at most 500 characters.
        artifact_location: Folder or URI below which its runs keep their artifacts. Default: chosen by the store.
        tags: Tags of the experiment; values are stored as text. Default: none.

    Returns:
        The id of the experiment.

    Raises:
        AlreadyExists: An experiment has this name.
        InvalidParameter: The name, the location or a tag is not valid.

    Example:
        >>> import mlyard
        >>> mlyard.create_experiment("forecast", tags={"team": "energy"})
        '1'
    """
    return MlyardClient().create_experiment(name, artifact_location, tags)


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Choose the experiment of the runs that are started from now on; a name that does not exist yet is created.

    Give exactly one argument. Child processes inherit the choice through ``MLYARD_EXPERIMENT_ID``.

    Args:
        experiment_name: Name of the experiment.
        experiment_id: Id of an existing experiment.

    Returns:
        The experiment.

    Raises:
        InvalidParameter: Both or no arguments are given, the name or id is not valid, or the experiment is deleted.
        DoesNotExist: No experiment has this id.

    Example:
        >>> import mlyard
        >>> experiment = mlyard.set_experiment("forecast")
        >>> with mlyard.start_run() as run:
        ...     run.info.experiment_id == experiment.experiment_id
        True
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidParameter("Must specify exactly one of: `experiment_id` or `experiment_name`.")
    client = MlyardClient()
    found = (
        client.get_experiment(experiment_id)
        if experiment_id is not None
        else get_or_create(client, experiment_name or "")
    )
    if found.lifecycle_stage != ACTIVE:
        raise InvalidParameter(
            f"Cannot set a deleted experiment '{found.name}' as the active experiment. Restore it, or use another."
        )
    _experiment["id"] = found.experiment_id
    os.environ["MLYARD_EXPERIMENT_ID"] = found.experiment_id
    return found


def get_or_create(client: MlyardClient, name: str) -> Experiment:
    """The experiment of a name, which may be deleted; created if it does not exist."""
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.get_experiment(client.create_experiment(name))
        except AlreadyExists:  # another process has just created it
            found = client.get_experiment_by_name(name)
            assert found is not None
    return found


def get_experiment(experiment_id: str) -> Experiment:
    """Return an experiment by its id, even if it is deleted.

    Args:
        experiment_id: Id of the experiment.

    Returns:
        The experiment.

    Raises:
        DoesNotExist: No experiment has this id.
        InvalidParameter: The id is not an integer.

    Example:
        >>> import mlyard
        >>> mlyard.get_experiment("0").name
        'Default'
    """
    return MlyardClient().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """Return an experiment by its name, even if it is deleted.

    Args:
        name: Name of the experiment.

    Returns:
        The experiment, or None if no experiment has this name.

    Example:
        >>> import mlyard
        >>> mlyard.get_experiment_by_name("Default").experiment_id
        '0'
    """
    return MlyardClient().get_experiment_by_name(name)


def delete_experiment(experiment_id: str) -> None:
    """Mark an experiment and its runs as deleted; ``MlyardClient.restore_experiment`` undoes this.

    Args:
        experiment_id: Id of the experiment.

    Raises:
        DoesNotExist: No active experiment has this id.
        InvalidParameter: The id is not an integer.

    Example:
        >>> import mlyard
        >>> experiment_id = mlyard.create_experiment("forecast")
        >>> mlyard.delete_experiment(experiment_id)
        >>> mlyard.get_experiment(experiment_id).lifecycle_stage
        'deleted'
    """
    MlyardClient().delete_experiment(experiment_id)


def search_experiments(
    view_type: int | str = ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | str | None = None,
) -> list[Experiment]:
    """Find experiments; results of several pages are joined.

    Args:
        view_type: ``"ACTIVE_ONLY"`` (default), ``"DELETED_ONLY"`` or ``"ALL"``; MLflow's numbers 1, 2 and 3 also work.
        max_results: The most experiments to return. Default: all.
        filter_string: Condition such as ``"name LIKE 'fore%' AND tags.team = 'energy'"``. Default: no condition.
        order_by: Attributes to sort by, such as ``["name ASC"]``. Default: newest first.

    Returns:
        The experiments.

    Raises:
        InvalidParameter: The filter, the order or the view type is not valid.

    Example:
        >>> import mlyard
        >>> _ = mlyard.create_experiment("forecast")
        >>> [experiment.name for experiment in mlyard.search_experiments(filter_string="name LIKE 'fore%'")]
        ['forecast']
    """
    client = MlyardClient()
    return all_pages(
        lambda size, token: client.search_experiments(view_type, size, filter_string, order_by, token), max_results
    )


def active_experiment(client: MlyardClient) -> str:
    """The id of the experiment that new runs go to."""
    name = settings.EXPERIMENT_NAME.get()
    chosen = _experiment.get("id") or settings.EXPERIMENT_ID.get()
    if chosen:
        return chosen
    return get_or_create(client, name).experiment_id if name else DEFAULT_EXPERIMENT_ID
