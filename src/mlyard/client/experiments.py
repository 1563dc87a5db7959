"""The client's calls about experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.arguments import several, texts, view_of
from mlyard.client.backends import Backend
from mlyard.domain.experiments import Experiment
from mlyard.domain.page import ACTIVE_ONLY, PagedList, SearchQuery


class ExperimentCalls:
    """Calls about experiments."""

    _tracking: Backend

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None
    ) -> str:
        """Create an experiment.

        Args:
            name: Name that no other experiment has, deleted ones included; at most 500 characters.
            artifact_location: Folder or URI below which its runs keep their artifacts. Default: chosen by the store.
            tags: Tags of the experiment; values are stored as text. Default: none.

        Returns:
            The id of the experiment.

        Raises:
            AlreadyExists: An experiment has this name.
            InvalidParameter: The name, the location or a tag is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> MlyardClient().create_experiment("forecast", tags={"team": "energy"})
            '1'
        """
        return self._tracking.store.experiments.create(name, artifact_location or "", texts(tags))

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment by its id, even if it is deleted.

        Args:
            experiment_id: Id of the experiment.

        Returns:
            The experiment.

        Raises:
            DoesNotExist: No experiment has this id.
            InvalidParameter: The id is not an integer.

        Example:
            >>> from mlyard import MlyardClient
            >>> MlyardClient().get_experiment("0").name
            'Default'
        """
        return self._tracking.store.experiments.get(str(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return an experiment by its name, even if it is deleted.

        Args:
            name: Name of the experiment.

        Returns:
            The experiment, or None if no experiment has this name.

        Example:
            >>> from mlyard import MlyardClient
            >>> MlyardClient().get_experiment_by_name("Default").experiment_id
            '0'
        """
        return self._tracking.store.experiments.get_by_name(name)

    def search_experiments(
        self,
        view_type: int | str = ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | str | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Find experiments, one page at a time.

        Args:
            view_type: ``"ACTIVE_ONLY"`` (default), ``"DELETED_ONLY"`` or ``"ALL"``; MLflow's numbers 1, 2 and 3 also
                work.
            max_results: Size of a page, at most 50,000. Default: 1,000.
            filter_string: Condition such as ``"name LIKE 'fore%' AND tags.team = 'energy'"``. Default: no condition.
            order_by: Attributes to sort by, such as ``["name ASC"]``. Default: newest first.
            page_token: ``token`` of the previous page. Default: the first page.

        Returns:
            A list of experiments, whose ``token`` asks for the next page; it is empty or None on the last page.

        Raises:
            InvalidParameter: An argument is not valid.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> _ = client.create_experiment("forecast")
            >>> page = client.search_experiments(max_results=1, order_by=["name DESC"])
            >>> page[0].name
            'forecast'
            >>> client.search_experiments(max_results=1, order_by=["name DESC"], page_token=page.token)[0].name
            'Default'
        """
        query = SearchQuery(
            filter=filter_string or "",
            order_by=several(order_by),
            max_results=max_results,
            page_token=page_token,
            view=view_of(view_type),
        )
        return self._tracking.store.experiments.search(query)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Rename an experiment.

        Args:
            experiment_id: Id of the experiment.
            new_name: Name that no other experiment has.

        Raises:
            AlreadyExists: Another experiment has this name.
            DoesNotExist: No experiment has this id.
            InvalidParameter: The name is not valid, the id is not an integer, or the experiment is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> experiment_id = client.create_experiment("forecast")
            >>> client.rename_experiment(experiment_id, "load forecast")
            >>> client.get_experiment(experiment_id).name
            'load forecast'
        """
        self._tracking.store.experiments.rename(str(experiment_id), new_name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted; ``restore_experiment`` undoes this.

        Args:
            experiment_id: Id of the experiment.

        Raises:
            DoesNotExist: No active experiment has this id.
            InvalidParameter: The id is not an integer.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> experiment_id = client.create_experiment("forecast")
            >>> client.delete_experiment(experiment_id)
            >>> client.get_experiment(experiment_id).lifecycle_stage
            'deleted'
        """
        self._tracking.store.experiments.delete(str(experiment_id))

    def restore_experiment(self, experiment_id: str) -> None:
        """Restore a deleted experiment and its runs.

        Args:
            experiment_id: Id of the experiment.

        Raises:
            DoesNotExist: No deleted experiment has this id.
            InvalidParameter: The id is not an integer.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> experiment_id = client.create_experiment("forecast")
            >>> client.delete_experiment(experiment_id)
            >>> client.restore_experiment(experiment_id)
            >>> client.get_experiment(experiment_id).lifecycle_stage
            'active'
        """
        self._tracking.store.experiments.restore(str(experiment_id))

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set or change a tag of an experiment.

        Args:
            experiment_id: Id of the experiment.
            key: Name of the tag.
            value: Value; its ``str()`` is stored, at most 20,000 characters.

        Raises:
            DoesNotExist: No experiment has this id.
            InvalidParameter: The name or value is not valid, the id is not an integer, or the experiment is deleted.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> client.set_experiment_tag("0", "team", "energy")
            >>> client.get_experiment("0").tags
            {'team': 'energy'}
        """
        self._tracking.store.experiments.set_tag(str(experiment_id), key, str(value))
