"""Calls of the client about experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import texts, view_of
from mlyard.client.backends import Backend
from mlyard.domain.experiments import Experiment
from mlyard.domain.page import ACTIVE_ONLY, PagedList, SearchQuery


class ExperimentCalls:
    """Calls about experiments."""

    _tracking: Backend

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None
    ) -> str:
        """The new experiment's id. Raises AlreadyExists."""
        return self._tracking.store.experiments.create(name, artifact_location or "", texts(tags))

    def get_experiment(self, experiment_id: str) -> Experiment:
        """An experiment by id. Raises DoesNotExist."""
        return self._tracking.store.experiments.get(str(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """An experiment by name; None when there is none."""
        return self._tracking.store.experiments.get_by_name(name)

    def search_experiments(
        self,
        view_type: int | str = ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """One page of experiments."""
        query = SearchQuery(
            filter=filter_string or "",
            order_by=tuple(order_by or ()),
            max_results=max_results,
            page_token=page_token,
            view=view_of(view_type),
        )
        return self._tracking.store.experiments.search(query)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Raises AlreadyExists, DoesNotExist."""
        self._tracking.store.experiments.rename(str(experiment_id), new_name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted."""
        self._tracking.store.experiments.delete(str(experiment_id))

    def restore_experiment(self, experiment_id: str) -> None:
        """Undo ``delete_experiment``."""
        self._tracking.store.experiments.restore(str(experiment_id))

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set or change a tag."""
        self._tracking.store.experiments.set_tag(str(experiment_id), key, str(value))
