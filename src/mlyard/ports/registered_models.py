"""The port to registered models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import RegisteredModel


class RegisteredModelStore(Protocol):
    """Where registered models live. Unknown names raise DoesNotExist; writes are durable on return."""

    def create(self, name: str, description: str = "", tags: dict[str, str] | None = None) -> RegisteredModel:
        """Raises AlreadyExists, InvalidParameter."""

    def get(self, name: str) -> RegisteredModel:
        """A registered model."""

    def search(self, query: SearchQuery) -> PagedList[RegisteredModel]:
        """Models that match, by name unless ordered otherwise."""

    def rename(self, name: str, new_name: str) -> RegisteredModel:
        """Its versions, tags and aliases move along. Raises AlreadyExists."""

    def update(self, name: str, description: str) -> RegisteredModel:
        """Change the description."""

    def delete(self, name: str) -> None:
        """Remove the model and all its versions, for good."""

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """The newest version of each stage; no stages given: of all."""

    def set_tag(self, name: str, key: str, value: str) -> None:
        """Set or change a tag."""

    def delete_tag(self, name: str, key: str) -> None:
        """Remove a tag, if it is there."""

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Point an alias at a version."""

    def delete_alias(self, name: str, alias: str) -> None:
        """Remove an alias, if it is there."""

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that the alias points at. Unknown aliases raise InvalidParameter."""
