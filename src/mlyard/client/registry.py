"""Calls of the client about registered models and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.backends import Backend
from mlyard.client.runs import texts
from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import RegisteredModel
from mlyard.services.model_sources import resolve_source


class RegistryCalls:
    """Registered models and model versions; a version may be given as a number or as text."""

    _tracking: Backend
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
        query = _query(filter_string, max_results, order_by, page_token)
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

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: float | None = None,
        model_id: str | None = None,
    ) -> ModelVersion:
        """The next version of a model; ready at once, so nothing is ever awaited."""
        new = NewModelVersion(
            name=name,
            source=source,
            run_id=run_id or "",
            run_link=run_link or "",
            model_id=model_id,
            description=description or "",
            tags=texts(tags),
        )
        if self._registry.session is None:
            # A server resolves sources itself; a database in this process has nobody else to.
            new = resolve_source(self._registry.store, new, trusted=True)
        return self._registry.store.model_versions.create(new)

    def get_model_version(self, name: str, version: int | str) -> ModelVersion:
        """Raises DoesNotExist."""
        return self._registry.store.model_versions.get(name, str(version))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """One page of model versions."""
        return self._registry.store.model_versions.search(_query(filter_string, max_results, order_by, page_token))

    def update_model_version(self, name: str, version: int | str, description: str | None = None) -> ModelVersion:
        """Change the description."""
        return self._registry.store.model_versions.update(name, str(version), description or "")

    def transition_model_version_stage(
        self, name: str, version: int | str, stage: str, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Move to a stage: Staging, Production, Archived or None."""
        return self._registry.store.model_versions.transition(
            name, str(version), str(stage), archive_existing=archive_existing_versions
        )

    def delete_model_version(self, name: str, version: int | str) -> None:
        """Remove a version, for good."""
        self._registry.store.model_versions.delete(name, str(version))

    def set_model_version_tag(self, name: str, version: int | str, key: str, value: Any) -> None:
        """Set or change a tag."""
        self._registry.store.model_versions.set_tag(name, str(version), key, str(value))

    def delete_model_version_tag(self, name: str, version: int | str, key: str) -> None:
        """Remove a tag."""
        self._registry.store.model_versions.delete_tag(name, str(version), key)

    def get_model_version_download_uri(self, name: str, version: int | str) -> str:
        """Where the version's files lie."""
        return self._registry.store.model_versions.download_uri(name, str(version))


def _query(
    filter_string: str | None, max_results: int, order_by: Sequence[str] | None, page_token: str | None
) -> SearchQuery:
    return SearchQuery(
        filter=filter_string or "", order_by=tuple(order_by or ()), max_results=max_results, page_token=page_token
    )
