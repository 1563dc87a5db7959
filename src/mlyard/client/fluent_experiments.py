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


def delete_experiment(experiment_id: str) -> None:
    """Mark an experiment and its runs as deleted."""
    MlyardClient().delete_experiment(experiment_id)


def search_experiments(
    view_type: int | str = ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """All experiments that match, or the first ``max_results``."""
    client = MlyardClient()
    return all_pages(
        lambda size, token: client.search_experiments(view_type, size, filter_string, order_by, token), max_results
    )


def active_experiment(client: MlyardClient) -> str:
    """The id of the experiment of new runs."""
    name = settings.EXPERIMENT_NAME.get()
    chosen = _experiment.get("id") or settings.EXPERIMENT_ID.get()
    if chosen:
        return chosen
    return _by_name(client, name).experiment_id if name else DEFAULT_EXPERIMENT_ID
