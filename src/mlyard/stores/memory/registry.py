"""Registered models and their versions in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists, DoesNotExist, InvalidParameter
from mlyard.domain import limits, names
from mlyard.domain.model_versions import ARCHIVED, NO_STAGE, ModelVersion, NewModelVersion, newest_of
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import RegisteredModel
from mlyard.search import fields
from mlyard.stores.memory.search import search, values
from mlyard.stores.memory.state import State


class MemoryRegisteredModels:
    """ports.RegisteredModelStore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(
        self, name: str, description: str = "", tags: Mapping[str, str] | None = None, request_id: str | None = None
    ) -> RegisteredModel:
        names.check_model_name(name)
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        with self._state.lock:
            if request_id in self._state.created:
                return self.get(self._state.created[str(request_id)])
            self._refuse_taken(name)
            now = now_ms()
            self._state.registered_models[name] = RegisteredModel(
                name=name,
                creation_timestamp=now,
                last_updated_timestamp=now,
                description=description,
                tags=dict(tags or {}),
            )
            self._state.last_versions[name] = 0
            if request_id:
                self._state.created[request_id] = name
            return self.get(name)

    def get(self, name: str) -> RegisteredModel:
        if name not in self._state.registered_models:
            raise DoesNotExist(f"Registered Model with name={name} not found")
        return structs.replace(self._state.registered_models[name], latest_versions=tuple(self._latest(name)))

    def search(self, query: SearchQuery) -> PagedList[RegisteredModel]:
        found = [self.get(name) for name in sorted(self._state.registered_models)]
        limit = limits.MAX_SEARCH_REGISTERED_MODELS
        return search(found, query, fields.REGISTERED_MODELS, lambda m: values(dict(m), tag=m.tags), limit)

    def rename(self, name: str, new_name: str, request_id: str | None = None) -> RegisteredModel:
        names.check_model_name(new_name)
        with self._state.lock:
            if request_id in self._state.created:
                return self.get(self._state.created[str(request_id)])
            self.get(name)
            if new_name != name:
                self._refuse_taken(new_name)
                self._move(name, new_name)
            if request_id:
                self._state.created[request_id] = new_name
            now = now_ms()
            for version in versions_of(self._state, new_name):
                touched = structs.replace(version, last_updated_timestamp=now)
                self._state.model_versions[new_name, version.version] = touched
            return self._put(new_name, last_updated_timestamp=now)

    def update(self, name: str, description: str) -> RegisteredModel:
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        return self._put(name, description=description, last_updated_timestamp=now_ms())

    def delete(self, name: str) -> None:
        with self._state.lock:
            self.get(name)
            del self._state.registered_models[name]
            for key in [key for key in self._state.model_versions if key[0] == name]:
                del self._state.model_versions[key]

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        wanted = {names.canonical_stage(stage) for stage in stages}
        self.get(name)
        return [version for version in self._latest(name) if not wanted or version.current_stage in wanted]

    def set_tag(self, name: str, key: str, value: str) -> None:
        check_tag(key, value)
        with self._state.lock:
            self._put(name, tags={**self.get(name).tags, key: value})

    def delete_tag(self, name: str, key: str) -> None:
        with self._state.lock:
            self._put(name, tags={k: v for k, v in self.get(name).tags.items() if k != key})

    def set_alias(self, name: str, alias: str, version: str) -> None:
        names.check_alias(alias)
        with self._state.lock:
            found = version_of(self._state, name, version)
            self._put(name, aliases={**self.get(name).aliases, alias: found.version})

    def delete_alias(self, name: str, alias: str) -> None:
        with self._state.lock:
            self._put(name, aliases={k: v for k, v in self.get(name).aliases.items() if k != alias})

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        model = self.get(name)
        if alias.lower() == names.LATEST:
            return newest_of(name, model.latest_versions)
        aliases = model.aliases
        if alias not in aliases:
            raise InvalidParameter(f"Registered model alias {alias} not found.")
        return version_of(self._state, name, aliases[alias])

    def _latest(self, name: str) -> list[ModelVersion]:
        # The last version of each stage, in the order in which the stages first appear.
        return list({v.current_stage: v for v in versions_of(self._state, name)}.values())

    def _refuse_taken(self, name: str) -> None:
        if name in self._state.registered_models:
            raise AlreadyExists(f"Registered Model (name={name}) already exists.")

    def _put(self, name: str, **changes: Any) -> RegisteredModel:
        with self._state.lock:
            self._state.registered_models[name] = structs.replace(self.get(name), **changes)
            return self.get(name)

    def _move(self, name: str, new_name: str) -> None:
        state = self._state
        state.registered_models[new_name] = structs.replace(state.registered_models.pop(name), name=new_name)
        state.last_versions[new_name] = state.last_versions.pop(name)
        for key in [key for key in state.model_versions if key[0] == name]:
            version = structs.replace(state.model_versions.pop(key), name=new_name)
            state.model_versions[new_name, version.version] = version
            state.storage_locations[new_name, version.version] = state.storage_locations.pop(key)


class MemoryModelVersions:
    """ports.ModelVersionStore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, new: NewModelVersion) -> ModelVersion:
        names.check_length(new.description, limits.MAX_DESCRIPTION, "description")
        with self._state.lock:
            if new.name not in self._state.registered_models:
                raise DoesNotExist(f"Registered Model with name={new.name} not found")
            if new.request_id in self._state.created:
                return self.get(new.name, self._state.created[str(new.request_id)])
            self._state.last_versions[new.name] += 1
            number, now = str(self._state.last_versions[new.name]), now_ms()
            self._state.model_versions[new.name, number] = ModelVersion(
                name=new.name,
                version=number,
                creation_timestamp=now,
                last_updated_timestamp=now,
                description=new.description,
                source=new.source,
                run_id=new.run_id,
                run_link=new.run_link,
                model_id=new.model_id,
                tags=dict(new.tags),
            )
            self._state.storage_locations[new.name, number] = new.storage_location or new.source
            self._touch_model(new.name, now)
            if new.request_id:
                self._state.created[new.request_id] = number
            return self.get(new.name, number)

    def get(self, name: str, version: str) -> ModelVersion:
        return version_of(self._state, name, version)

    def search(self, query: SearchQuery) -> PagedList[ModelVersion]:
        found = [version_of(self._state, *key) for key in self._state.model_versions]
        found.sort(key=lambda v: (0 if query.order_by else -v.last_updated_timestamp, v.name, -int(v.version)))

        def values_of(version: ModelVersion) -> Any:
            return values({**dict(version), "version_number": int(version.version)}, tag=version.tags)

        return search(found, query, fields.MODEL_VERSIONS, values_of, limits.MAX_SEARCH_MODEL_VERSIONS)

    def update(self, name: str, version: str, description: str) -> ModelVersion:
        names.check_length(description, limits.MAX_DESCRIPTION, "description")
        return self._touch(name, version, description=description)

    def transition(self, name: str, version: str, stage: str, *, archive_existing: bool = False) -> ModelVersion:
        target = names.canonical_stage(stage)
        if archive_existing and target in {NO_STAGE, ARCHIVED}:
            raise InvalidParameter(
                f"Model version transition cannot archive existing model versions because '{target}' is not an "
                "Active stage. Valid stages are Staging and Production."
            )
        with self._state.lock:
            moved = self.get(name, version)
            for other in versions_of(self._state, name) if archive_existing else ():
                if other.current_stage == target and other.version != moved.version:
                    self._touch(name, other.version, current_stage=ARCHIVED)
            self._touch_model(name, now_ms())
            return self._touch(name, version, current_stage=target)

    def delete(self, name: str, version: str) -> None:
        with self._state.lock:
            found = self.get(name, version)
            del self._state.model_versions[name, found.version]
            model = self._state.registered_models[name]
            kept = {alias: target for alias, target in model.aliases.items() if target != found.version}
            self._state.registered_models[name] = structs.replace(model, aliases=kept)
            self._touch_model(name, now_ms())

    def set_tag(self, name: str, version: str, key: str, value: str) -> None:
        check_tag(key, value)
        with self._state.lock:
            self._put(name, version, tags={**self.get(name, version).tags, key: value})

    def delete_tag(self, name: str, version: str, key: str) -> None:
        with self._state.lock:
            tags = self.get(name, version).tags
            self._put(name, version, tags={k: v for k, v in tags.items() if k != key})

    def download_uri(self, name: str, version: str) -> str:
        return self._state.storage_locations[name, self.get(name, version).version]

    def _touch(self, name: str, version: str, **changes: Any) -> ModelVersion:
        return self._put(name, version, last_updated_timestamp=now_ms(), **changes)

    def _touch_model(self, name: str, now: int) -> None:
        model = self._state.registered_models[name]
        self._state.registered_models[name] = structs.replace(model, last_updated_timestamp=now)

    def _put(self, name: str, version: str, **changes: Any) -> ModelVersion:
        with self._state.lock:
            found = self.get(name, version)
            self._state.model_versions[name, found.version] = structs.replace(found, **changes)
            return self.get(name, version)


def version_of(state: State, name: str, version: str) -> ModelVersion:
    """A version with the aliases that point at it. Raises InvalidParameter, DoesNotExist."""
    number = str(names.parse_version(version))
    if (name, number) not in state.model_versions:
        raise DoesNotExist(f"Model Version (name={name}, version={version}) not found")
    aliases = state.registered_models[name].aliases
    named = tuple(sorted(alias for alias, target in aliases.items() if target == number))
    return structs.replace(state.model_versions[name, number], aliases=named)


def versions_of(state: State, name: str) -> list[ModelVersion]:
    """All versions of a model, oldest first."""
    found = [version_of(state, *key) for key in state.model_versions if key[0] == name]
    return sorted(found, key=lambda version: int(version.version))


def check_tag(key: str, value: str) -> None:
    """Check a tag of a registered model or of a version. Raises InvalidParameter."""
    names.check_key(key, "Tag key", "key")
    names.check_length(value, limits.MAX_REGISTRY_TAG_VALUE, f"Tag value of {key}")
