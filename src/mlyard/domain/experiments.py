"""Experiments: named collections of runs."""

from __future__ import annotations

from mlyard.domain.entity import Entity

DEFAULT_EXPERIMENT_ID = "0"
DEFAULT_EXPERIMENT_NAME = "Default"
ACTIVE, DELETED = "active", "deleted"


class Experiment(Entity, frozen=True, kw_only=True):
    """One experiment. Times in ms; ``lifecycle_stage`` is 'active' or 'deleted'."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str = ACTIVE
    creation_time: int | None = None
    last_update_time: int | None = None
    tags: dict[str, str] = {}
