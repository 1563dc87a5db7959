"""Experiments: named collections of runs."""

from __future__ import annotations

from mlyard.domain.entity import Entity

DEFAULT_EXPERIMENT_ID = "0"
DEFAULT_EXPERIMENT_NAME = "Default"
ACTIVE, DELETED = "active", "deleted"


class Experiment(Entity, frozen=True):
    """An experiment: a named collection of runs.

    Args:
        experiment_id: The ID, a number as text.
        name: The name, unique in the store.
        artifact_location: The URI of the folder below which the artifacts of new runs are stored.
        lifecycle_stage: ``"active"`` or ``"deleted"``. Default: ``"active"``.
        tags: The tags by key. Default: none.
        creation_time: Milliseconds since the epoch. None if the server does not report it. Default: None.
        last_update_time: Milliseconds since the epoch. None if the server does not report it. Default: None.

    Example:
        >>> import mlyard
        >>> experiment = mlyard.set_experiment("wine")
        >>> experiment.name, experiment.lifecycle_stage, experiment.tags
        ('wine', 'active', {})
    """

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str = ACTIVE
    tags: dict[str, str] = {}
    creation_time: int | None = None
    last_update_time: int | None = None
