"""The port to logged models."""

from __future__ import annotations

from typing import Protocol

from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery, NewLoggedModel
from mlyard.domain.page import PagedList


class LoggedModelStore(Protocol):
    """Where logged models live. Unknown ids raise DoesNotExist; all writes are durable on return."""

    def create(self, new: NewLoggedModel) -> LoggedModel:
        """A pending model, with the address that its files go to."""

    def get(self, model_id: str) -> LoggedModel:
        """A model that was not deleted."""

    def finalize(self, model_id: str, status: str) -> LoggedModel:
        """Set READY or UPLOAD_FAILED."""

    def search(self, query: LoggedModelQuery) -> PagedList[LoggedModel]:
        """Models that match, newest first unless ordered otherwise."""

    def log_params(self, model_id: str, params: dict[str, str]) -> None:
        """Add params."""

    def set_tags(self, model_id: str, tags: dict[str, str]) -> LoggedModel:
        """Set or change tags."""

    def delete_tag(self, model_id: str, key: str) -> None:
        """Remove a tag; DoesNotExist when it is not there."""

    def delete(self, model_id: str) -> None:
        """Mark as deleted."""
