"""The port for registered models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import RegisteredModel


class RegisteredModelStore(Protocol):
    """Stores registered models. Unknown names raise DoesNotExist. Writes are durable when a method returns."""

    def create(
        self, name: str, description: str = "", tags: dict[str, str] | None = None, request_id: str | None = None
    ) -> RegisteredModel:
        """Create a registered model. Calls with the same ``request_id`` create one only.

        Raises AlreadyExists, InvalidParameter.
        """

    def get(self, name: str) -> RegisteredModel:
        """A registered model."""

    def search(self, query: SearchQuery) -> PagedList[RegisteredModel]:
        """The models that match, by default in the order of their names."""

    def rename(self, name: str, new_name: str, request_id: str | None = None) -> RegisteredModel:
        """Rename a model, with its versions, tags and aliases; once, if calls have the same ``request_id``.

        Raises AlreadyExists.
        """

    def update(self, name: str, description: str) -> RegisteredModel:
        """Change the description."""

    def delete(self, name: str) -> None:
        """Remove a model and all its versions permanently."""

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """The newest version in each of these stages, by default in every stage."""

    def set_tag(self, name: str, key: str, value: str) -> None:
        """Set or change a tag."""

    def delete_tag(self, name: str, key: str) -> None:
        """Remove a tag, if there is one."""

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Point an alias at a version."""

    def delete_alias(self, name: str, alias: str) -> None:
        """Remove an alias, if there is one."""

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias points at. Raises InvalidParameter for an unknown alias."""
