"""Experiments over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlyard.core.errors import DoesNotExist
from mlyard.domain.experiments import Experiment
from mlyard.domain.inputs import DatasetSummary
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.transport.session import Session
from mlyard.wire import experiments as wire
from mlyard.wire import inputs, routes
from mlyard.wire.tags import encode_tags


class RestExperiments:
    """ports.ExperimentStore."""

    def __init__(self, session: Session) -> None:
        self._call = session.call

    def create(
        self,
        name: str,
        artifact_location: str = "",
        tags: Mapping[str, str] | None = None,
        request_id: str | None = None,
    ) -> str:
        request = wire.CreateExperiment(
            name=name, artifact_location=artifact_location, tags=encode_tags(tags or {}), request_id=request_id
        )
        return self._call(routes.CREATE_EXPERIMENT, request).experiment_id

    def get(self, experiment_id: str) -> Experiment:
        answer = self._call(routes.GET_EXPERIMENT, wire.ExperimentId(experiment_id=experiment_id))
        return wire.decode_experiment(answer.experiment)

    def get_by_name(self, name: str) -> Experiment | None:
        try:
            answer = self._call(routes.GET_EXPERIMENT_BY_NAME, wire.GetExperimentByName(experiment_name=name))
        except DoesNotExist:
            return None
        return wire.decode_experiment(answer.experiment)

    def search(self, query: SearchQuery) -> PagedList[Experiment]:
        return wire.decode_experiments(self._call(routes.SEARCH_EXPERIMENTS, wire.encode_query(query)))

    def rename(self, experiment_id: str, new_name: str) -> None:
        self._call(routes.UPDATE_EXPERIMENT, wire.UpdateExperiment(experiment_id=experiment_id, new_name=new_name))

    def delete(self, experiment_id: str) -> None:
        self._call(routes.DELETE_EXPERIMENT, wire.ExperimentId(experiment_id=experiment_id))

    def restore(self, experiment_id: str) -> None:
        self._call(routes.RESTORE_EXPERIMENT, wire.ExperimentId(experiment_id=experiment_id))

    def set_tag(self, experiment_id: str, key: str, value: str) -> None:
        request = wire.SetExperimentTag(experiment_id=experiment_id, key=key, value=value)
        self._call(routes.SET_EXPERIMENT_TAG, request)

    def delete_tag(self, experiment_id: str, key: str) -> None:
        self._call(routes.DELETE_EXPERIMENT_TAG, wire.DeleteExperimentTag(experiment_id=experiment_id, key=key))

    def search_datasets(self, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
        if not experiment_ids:
            return []
        request = inputs.SearchDatasets(experiment_ids=list(experiment_ids))
        return inputs.decode_summaries(self._call(routes.SEARCH_DATASETS, request))
