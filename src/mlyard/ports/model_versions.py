"""The port for model versions."""

from __future__ import annotations

from typing import Protocol

from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList, SearchQuery


class ModelVersionStore(Protocol):
    """Stores model versions. Unknown versions raise DoesNotExist. Writes are durable when a method returns."""

    def create(self, new: NewModelVersion) -> ModelVersion:
        """Create the next version of a registered model."""

    def get(self, name: str, version: str) -> ModelVersion:
        """One version."""

    def search(self, query: SearchQuery) -> PagedList[ModelVersion]:
        """The versions that match, by default last updated first."""

    def update(self, name: str, version: str, description: str) -> ModelVersion:
        """Change the description."""

    def transition(self, name: str, version: str, stage: str, *, archive_existing: bool = False) -> ModelVersion:
        """Move a version to a stage. ``archive_existing``: archive the versions that are in it."""

    def delete(self, name: str, version: str) -> None:
        """Remove a version permanently."""

    def set_tag(self, name: str, version: str, key: str, value: str) -> None:
        """Set or change a tag."""

    def delete_tag(self, name: str, version: str, key: str) -> None:
        """Remove a tag, if there is one."""

    def download_uri(self, name: str, version: str) -> str:
        """Where the version's files are."""
