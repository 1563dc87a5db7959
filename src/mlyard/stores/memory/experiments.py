"""Experiments in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter
from mlyard.domain import limits, names
from mlyard.domain.experiments import ACTIVE, DELETED, Experiment
from mlyard.domain.inputs import DatasetSummary
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.uris import join, new_location
from mlyard.search import fields
from mlyard.search.evaluate import Values
from mlyard.stores.memory.search import search, stages, values
from mlyard.stores.memory.state import State


class MemoryExperiments:
    """ports.ExperimentStore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(
        self,
        name: str,
        artifact_location: str = "",
        tags: Mapping[str, str] | None = None,
        request_id: str | None = None,
    ) -> str:
        names.check_experiment_name(name)
        names.check_length(artifact_location, limits.MAX_ARTIFACT_LOCATION, "artifact_location")
        location = new_location(artifact_location)
        for key, value in (tags or {}).items():
            _check_tag(key, value)
        with self._state.lock:
            if request_id in self._state.created:
                return self._state.created[str(request_id)]
            self._refuse_taken(name)
            number, now = str(len(self._state.experiments)), now_ms()
            self._state.experiments[number] = Experiment(
                experiment_id=number,
                name=name,
                artifact_location=location or join(self._state.artifact_root, number),
                lifecycle_stage=ACTIVE,
                creation_time=now,
                last_update_time=now,
                tags=dict(tags or {}),
            )
            if request_id:
                self._state.created[request_id] = number
            return number

    def get(self, experiment_id: str) -> Experiment:
        return self._state.experiment(experiment_id)

    def get_by_name(self, name: str) -> Experiment | None:
        return next((e for e in self._state.experiments.values() if e.name == name), None)

    def search(self, query: SearchQuery) -> PagedList[Experiment]:
        wanted = stages(query.view)
        found = [e for e in self._state.experiments.values() if e.lifecycle_stage in wanted]
        found.sort(key=lambda e: (-(e.creation_time or 0), int(e.experiment_id)))
        return search(found, query, fields.EXPERIMENTS, _values_of, limits.MAX_SEARCH_EXPERIMENTS)

    def search_datasets(self, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
        found = {
            (run.info.experiment_id, one.dataset.name, one.dataset.digest, one.context)
            for run in self._state.runs.values()
            if run.info.experiment_id in experiment_ids
            for one in run.inputs.dataset_inputs
        }
        return [
            DatasetSummary(experiment_id=experiment, name=name, digest=digest, context=context)
            for experiment, name, digest, context in sorted(found)
        ]

    def rename(self, experiment_id: str, new_name: str) -> None:
        names.check_experiment_name(new_name)
        with self._state.lock:
            experiment = self._state.experiment(experiment_id)
            if experiment.lifecycle_stage != ACTIVE:
                raise InvalidParameter(f"Cannot rename the deleted experiment {experiment_id}: restore it first.")
            if experiment.name != new_name:
                self._refuse_taken(new_name)
            self._put(experiment, name=new_name)

    def delete(self, experiment_id: str) -> None:
        self._set_stage(experiment_id, DELETED)

    def restore(self, experiment_id: str) -> None:
        self._set_stage(experiment_id, ACTIVE)

    def set_tag(self, experiment_id: str, key: str, value: str) -> None:
        _check_tag(key, value)
        with self._state.lock:
            experiment = self._state.active_experiment(experiment_id)
            self._put_tags(experiment, {**experiment.tags, key: value})

    def delete_tag(self, experiment_id: str, key: str) -> None:
        with self._state.lock:
            experiment = self._state.active_experiment(experiment_id)
            if key not in experiment.tags:
                raise DoesNotExist(f"No tag with name: {key} in experiment with id {experiment_id}")
            self._put_tags(experiment, {k: v for k, v in experiment.tags.items() if k != key})

    def _put_tags(self, experiment: Experiment, tags: dict[str, str]) -> None:
        self._state.experiments[experiment.experiment_id] = structs.replace(experiment, tags=tags)

    def _put(self, experiment: Experiment, **changes: Any) -> None:
        changed = structs.replace(experiment, last_update_time=now_ms(), **changes)
        self._state.experiments[experiment.experiment_id] = changed

    def _refuse_taken(self, name: str) -> None:
        taken = self.get_by_name(name)
        if taken:
            state = "" if taken.lifecycle_stage == ACTIVE else ", in deleted state"
            raise AlreadyExists(f"Experiment(name={name}) already exists{state}.")

    def _set_stage(self, experiment_id: str, stage: str) -> None:
        with self._state.lock:
            experiment = self._state.experiment(experiment_id)
            if experiment.lifecycle_stage == stage:
                raise DoesNotExist(f"No Experiment with id={experiment_id} exists")
            self._put(experiment, lifecycle_stage=stage)
            for run_id, run in self._state.runs.items():
                if run.info.experiment_id == experiment_id:
                    info = structs.replace(run.info, lifecycle_stage=stage)
                    self._state.runs[run_id] = structs.replace(run, info=info)


def _check_tag(key: str, value: str) -> None:
    names.check_key(key, "Tag key", "key")
    names.check_length(value, limits.MAX_EXPERIMENT_TAG_VALUE, f"Tag value of {key}")


def _values_of(experiment: Experiment) -> Values:
    return values(dict(experiment), tag=experiment.tags)
