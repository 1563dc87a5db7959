"""Calls of the client about the versions of registered models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import query_of, texts
from mlyard.client.backends import Backend
from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList
from mlyard.services.model_sources import resolve_source


class ModelVersionCalls:
    """Calls about model versions; a version may be given as a number or as text."""

    _registry: Backend

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
        return self._registry.store.model_versions.search(query_of(filter_string, max_results, order_by, page_token))

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
