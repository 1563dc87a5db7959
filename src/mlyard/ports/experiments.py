"""The port to experiments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlyard.domain.experiments import Experiment
from mlyard.domain.inputs import DatasetSummary
from mlyard.domain.page import PagedList, SearchQuery


class ExperimentStore(Protocol):
    """Where experiments live. Unknown ids raise DoesNotExist; all writes are durable on return."""

    def create(self, name: str, artifact_location: str = "", tags: dict[str, str] | None = None) -> str:
        """The new experiment's id. Raises AlreadyExists, InvalidParameter."""

    def get(self, experiment_id: str) -> Experiment:
        """An experiment, deleted ones too."""

    def get_by_name(self, name: str) -> Experiment | None:
        """An experiment by name, deleted ones too; None when there is none."""

    def search(self, query: SearchQuery) -> PagedList[Experiment]:
        """Experiments that match, newest first unless ordered otherwise."""

    def rename(self, experiment_id: str, new_name: str) -> None:
        """Raises AlreadyExists; a deleted experiment raises InvalidParameter."""

    def delete(self, experiment_id: str) -> None:
        """Mark as deleted, and its runs with it."""

    def restore(self, experiment_id: str) -> None:
        """Undo ``delete``."""

    def set_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set or change a tag."""

    def delete_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag; DoesNotExist when it is not there."""

    def search_datasets(self, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
        """The datasets that runs of these experiments used, and what for; 1,000 at most."""
