"""The port for logged models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery, NewLoggedModel
from mlyard.domain.page import PagedList


class LoggedModelStore(Protocol):
    """Stores logged models. Unknown ids raise DoesNotExist. Writes are durable when a method returns."""

    def create(self, new: NewLoggedModel) -> LoggedModel:
        """Create a pending model. Its ``artifact_uri`` is where its files go."""

    def get(self, model_id: str) -> LoggedModel:
        """A model, unless it is deleted."""

    def finalize(self, model_id: str, status: str) -> LoggedModel:
        """Set the status to READY or UPLOAD_FAILED."""

    def search(self, query: LoggedModelQuery) -> PagedList[LoggedModel]:
        """The models that match, by default newest first."""

    def log_params(self, model_id: str, params: dict[str, str]) -> None:
        """Add params."""

    def set_tags(self, model_id: str, tags: dict[str, str]) -> LoggedModel:
        """Set or change tags."""

    def add_to_tag(self, model_id: str, key: str, entry: Mapping[str, Any]) -> None:
        """Add an entry to the list in a tag (``domain/list_tags.py``), unless the list has it already."""

    def delete_tag(self, model_id: str, key: str) -> None:
        """Remove a tag. Raises DoesNotExist if there is none."""

    def delete(self, model_id: str) -> None:
        """Mark as deleted."""
