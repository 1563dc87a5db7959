"""The port to model versions."""

from __future__ import annotations

from typing import Protocol

from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList, SearchQuery


class ModelVersionStore(Protocol):
    """Where model versions live. Unknown versions raise DoesNotExist; writes are durable on return."""

    def create(self, new: NewModelVersion) -> ModelVersion:
        """The next version of a registered model."""

    def get(self, name: str, version: str) -> ModelVersion:
        """One version."""

    def search(self, query: SearchQuery) -> PagedList[ModelVersion]:
        """Versions that match, last updated first unless ordered otherwise."""

    def update(self, name: str, version: str, description: str) -> ModelVersion:
        """Change the description."""

    def transition(self, name: str, version: str, stage: str, *, archive_existing: bool = False) -> ModelVersion:
        """Move to a stage; ``archive_existing`` archives the others that were in it."""

    def delete(self, name: str, version: str) -> None:
        """Remove a version, for good."""

    def set_tag(self, name: str, version: str, key: str, value: str) -> None:
        """Set or change a tag."""

    def delete_tag(self, name: str, version: str, key: str) -> None:
        """Remove a tag, if it is there."""

    def download_uri(self, name: str, version: str) -> str:
        """Where the version's files lie."""
