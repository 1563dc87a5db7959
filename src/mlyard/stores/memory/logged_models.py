"""Logged models in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.ids import new_model_id, new_run_name
from mlyard.domain import limits, list_tags, names
from mlyard.domain.logged_models import STATUSES, LoggedModel, LoggedModelQuery, NewLoggedModel, storable_params
from mlyard.domain.metrics import Metric
from mlyard.domain.page import PagedList
from mlyard.domain.uris import join
from mlyard.search import fields
from mlyard.search.evaluate import Values
from mlyard.stores.memory.search import search, values
from mlyard.stores.memory.state import State


class MemoryLoggedModels:
    """ports.LoggedModelStore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, new: NewLoggedModel) -> LoggedModel:
        names.check_logged_model_name(new.name)
        with self._state.lock:
            if new.request_id in self._state.created:
                return self.get(self._state.created[str(new.request_id)])
            experiment = self._state.active_experiment(new.experiment_id)
            model_id, now = new_model_id(), now_ms()
            model = LoggedModel(
                model_id=model_id,
                experiment_id=new.experiment_id,
                name=new.name or new_run_name(),
                artifact_uri=self._artifact_uri(experiment.artifact_location, new, model_id),
                creation_timestamp=now,
                last_updated_timestamp=now,
                model_type=new.model_type,
                source_run_id=new.source_run_id,
                params=storable_params(new.params),
                tags=dict(new.tags),
            )
            self._state.logged_models[model_id] = model
            if new.request_id:
                self._state.created[new.request_id] = model_id
            return model

    def get(self, model_id: str) -> LoggedModel:
        if model_id not in self._state.logged_models:
            raise DoesNotExist(f"Logged model with ID '{model_id}' not found.")
        return self._state.logged_models[model_id]

    def finalize(self, model_id: str, status: str) -> LoggedModel:
        if status not in STATUSES:
            raise InvalidParameter(f"Invalid model status {status!r}. Use one of {', '.join(STATUSES)}.")
        return self._put(model_id, status=status)

    def search(self, query: LoggedModelQuery) -> PagedList[LoggedModel]:
        found = [m for m in self._state.logged_models.values() if m.experiment_id in query.experiment_ids]
        found.reverse()
        found.sort(key=lambda model: -model.creation_timestamp)
        if query.datasets:
            found = [model for model in found if any(_is_of(metric, query) for metric in model.metrics)]

        def values_of(model: LoggedModel) -> Values:
            points: dict[str, list[float]] = {}
            for metric in sorted(model.metrics, key=lambda m: (-m.timestamp, -m.step)):
                if not query.datasets or _is_of(metric, query):
                    points.setdefault(metric.key, []).append(metric.value)
            return values(dict(model), metric=points, param=model.params, tag=model.tags)

        return search(found, query, fields.LOGGED_MODELS, values_of, limits.MAX_SEARCH_LOGGED_MODELS)

    def log_params(self, model_id: str, params: dict[str, str]) -> None:
        with self._state.lock:
            model = self.get(model_id)
            for key, value in (stored := storable_params(params)).items():
                if model.params.get(key, value) != value:
                    raise InvalidParameter(f"Changing param values is not allowed. Param '{key}' is set already.")
            self._put(model_id, params={**model.params, **stored})

    def set_tags(self, model_id: str, tags: dict[str, str]) -> LoggedModel:
        for key, value in tags.items():
            names.check_key(key, "Tag key", "key")
            names.check_length(value, limits.MAX_TAG_VALUE, f"Tag value of {key}")
        with self._state.lock:
            return self._put(model_id, tags={**self.get(model_id).tags, **tags})

    def add_to_tag(self, model_id: str, key: str, entry: Mapping[str, Any]) -> None:
        with self._state.lock:
            tags = self.get(model_id).tags
            self._put(model_id, tags={**tags, key: list_tags.with_entry(tags, key, entry)})

    def delete_tag(self, model_id: str, key: str) -> None:
        with self._state.lock:
            tags = dict(self.get(model_id).tags)
            if tags.pop(key, None) is None:
                raise DoesNotExist(f"No tag with key {key!r} found for model with ID {model_id!r}.")
            self._put(model_id, tags=tags)

    def delete(self, model_id: str) -> None:
        if model_id not in self._state.deleted_models:
            self.get(model_id)
            del self._state.logged_models[model_id]
            self._state.deleted_models.add(model_id)

    def _put(self, model_id: str, **changes: Any) -> LoggedModel:
        with self._state.lock:
            changed = structs.replace(self.get(model_id), last_updated_timestamp=now_ms(), **changes)
            self._state.logged_models[model_id] = changed
            return changed

    def _artifact_uri(self, location: str, new: NewLoggedModel, model_id: str) -> str:
        if new.artifact_path is None:
            return join(location, "models", model_id, "artifacts")
        if new.source_run_id is None:
            raise InvalidParameter(
                "A logged model with an 'artifact_path' needs a 'source_run_id': the path is in that run's artifacts."
            )
        names.check_path_like(new.artifact_path, "artifact_path")
        return join(self._state.active_run(new.source_run_id).info.artifact_uri, new.artifact_path)


def _is_of(metric: Metric, query: LoggedModelQuery) -> bool:
    return any(
        one.name in {"", metric.dataset_name} and one.digest in {"", metric.dataset_digest} for one in query.datasets
    )
