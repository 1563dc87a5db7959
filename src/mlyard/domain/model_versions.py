"""Model versions: what was registered, from where, in which stage."""

from __future__ import annotations

from mlyard.domain.entity import Entity

NO_STAGE, ARCHIVED = "None", "Archived"
READY = "READY"


class ModelVersion(Entity, frozen=True, kw_only=True):
    """One version; ``version`` counts from 1 and is text on the wire and here. Times in ms."""

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
    """What is registered: ``source`` is the URI of the model's files as the caller named it.

    ``storage_location`` is the resolved URI of those files; empty: the source itself.
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
