"""The port for experiments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlyard.domain.experiments import Experiment
from mlyard.domain.inputs import DatasetSummary
from mlyard.domain.page import PagedList, SearchQuery


class ExperimentStore(Protocol):
    """Stores experiments. Unknown ids raise DoesNotExist. Writes are durable when a method returns."""

    def create(
        self,
        name: str,
        artifact_location: str = "",
        tags: dict[str, str] | None = None,
        request_id: str | None = None,
    ) -> str:
        """Create an experiment, and return its id. Calls with the same ``request_id`` create one only.

        Raises AlreadyExists, InvalidParameter.
        """

    def get(self, experiment_id: str) -> Experiment:
        """An experiment, even if it is deleted."""

    def get_by_name(self, name: str) -> Experiment | None:
        """An experiment by name, even if it is deleted; None if there is none."""

    def search(self, query: SearchQuery) -> PagedList[Experiment]:
        """The experiments that match, by default newest first."""

    def rename(self, experiment_id: str, new_name: str) -> None:
        """Rename. Raises AlreadyExists, and InvalidParameter for a deleted experiment."""

    def delete(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted."""

    def restore(self, experiment_id: str) -> None:
        """Undo ``delete``."""

    def set_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set or change a tag."""

    def delete_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag. Raises DoesNotExist if there is none."""

    def search_datasets(self, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
        """The datasets that runs of these experiments used, and what for; at most 1,000."""
