"""Calls of the client about registered models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import query_of, texts
from mlyard.client.backends import Backend
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import PagedList
from mlyard.domain.registered_models import RegisteredModel


class RegisteredModelCalls:
    """Calls about registered models; a version may be given as a number or as text."""

    _registry: Backend

    def create_registered_model(
        self, name: str, tags: Mapping[str, Any] | None = None, description: str | None = None
    ) -> RegisteredModel:
        """An empty registered model. Raises AlreadyExists."""
        return self._registry.store.registered_models.create(name, description or "", texts(tags))

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Raises DoesNotExist."""
        return self._registry.store.registered_models.get(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """One page of registered models."""
        query = query_of(filter_string, max_results, order_by, page_token)
        return self._registry.store.registered_models.search(query)

    def list_registered_models(
        self, max_results: int = 100, page_token: str | None = None
    ) -> PagedList[RegisteredModel]:
        """One page of all registered models, as clients before MLflow 2 ask for it."""
        return self.search_registered_models(max_results=max_results, page_token=page_token)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Raises AlreadyExists, DoesNotExist."""
        return self._registry.store.registered_models.rename(name, new_name)

    def update_registered_model(self, name: str, description: str | None = None) -> RegisteredModel:
        """Change the description."""
        return self._registry.store.registered_models.update(name, description or "")

    def delete_registered_model(self, name: str) -> None:
        """Remove a model and its versions, for good."""
        self._registry.store.registered_models.delete(name)

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """The newest version of each stage, or of those given."""
        return self._registry.store.registered_models.latest_versions(name, tuple(stages or ()))

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set or change a tag."""
        self._registry.store.registered_models.set_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag."""
        self._registry.store.registered_models.delete_tag(name, key)

    def set_registered_model_alias(self, name: str, alias: str, version: int | str) -> None:
        """Point an alias at a version."""
        self._registry.store.registered_models.set_alias(name, alias, str(version))

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self._registry.store.registered_models.delete_alias(name, alias)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias points at."""
        return self._registry.store.registered_models.get_by_alias(name, alias)
