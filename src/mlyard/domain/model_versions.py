"""Versions of registered models."""

from __future__ import annotations

from mlyard.domain.entity import Entity

NO_STAGE, ARCHIVED = "None", "Archived"
READY = "READY"


class ModelVersion(Entity, frozen=True, kw_only=True):
    """One version. ``version`` counts from 1, and is text here as on the wire. Times in ms."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    current_stage: str = NO_STAGE
    description: str = ""
    source: str = ""
    run_id: str = ""
    run_link: str = ""
    model_id: str | None = None
    user_id: str = ""
    status: str = READY
    status_message: str | None = None
    tags: dict[str, str] = {}
    aliases: tuple[str, ...] = ()


class NewModelVersion(Entity, frozen=True, kw_only=True):
    """A model version to be registered. ``source`` is the URI of the model's files as given by the caller.

    ``storage_location`` is where the files actually are; '' if that is the source itself.
    """

    name: str
    source: str
    run_id: str = ""
    run_link: str = ""
    model_id: str | None = None
    description: str = ""
    tags: dict[str, str] = {}
    storage_location: str = ""
    request_id: str | None = None
