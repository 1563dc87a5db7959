"""Registered models over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.domain.registered_models import RegisteredModel
from mlyard.transport.session import Session
from mlyard.wire import model_versions, routes
from mlyard.wire import registered_models as wire
from mlyard.wire.tags import encode_tags


class RestRegisteredModels:
    """ports.RegisteredModelStore."""

    def __init__(self, session: Session) -> None:
        self._call = session.call

    def create(
        self, name: str, description: str = "", tags: Mapping[str, str] | None = None, request_id: str | None = None
    ) -> RegisteredModel:
        request = wire.CreateRegisteredModel(
            name=name, description=description, tags=encode_tags(tags or {}), request_id=request_id
        )
        return wire.decode_model(self._call(routes.CREATE_REGISTERED_MODEL, request).registered_model)

    def get(self, name: str) -> RegisteredModel:
        answer = self._call(routes.GET_REGISTERED_MODEL, wire.RegisteredModelName(name=name))
        return wire.decode_model(answer.registered_model)

    def search(self, query: SearchQuery) -> PagedList[RegisteredModel]:
        return wire.decode_models(self._call(routes.SEARCH_REGISTERED_MODELS, wire.encode_query(query)))

    def rename(self, name: str, new_name: str, request_id: str | None = None) -> RegisteredModel:
        request = wire.RenameRegisteredModel(name=name, new_name=new_name, request_id=request_id)
        return wire.decode_model(self._call(routes.RENAME_REGISTERED_MODEL, request).registered_model)

    def update(self, name: str, description: str) -> RegisteredModel:
        request = wire.UpdateRegisteredModel(name=name, description=description)
        return wire.decode_model(self._call(routes.UPDATE_REGISTERED_MODEL, request).registered_model)

    def delete(self, name: str) -> None:
        self._call(routes.DELETE_REGISTERED_MODEL, wire.RegisteredModelName(name=name))

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        request = wire.GetLatestVersions(name=name, stages=list(stages))
        return model_versions.decode_versions(self._call(routes.GET_LATEST_VERSIONS, request)).to_list()

    def set_tag(self, name: str, key: str, value: str) -> None:
        request = wire.SetRegisteredModelTag(name=name, key=key, value=value)
        self._call(routes.SET_REGISTERED_MODEL_TAG, request)

    def delete_tag(self, name: str, key: str) -> None:
        self._call(routes.DELETE_REGISTERED_MODEL_TAG, wire.DeleteRegisteredModelTag(name=name, key=key))

    def set_alias(self, name: str, alias: str, version: str) -> None:
        self._call(routes.SET_ALIAS, wire.SetAlias(name=name, alias=alias, version=version))

    def delete_alias(self, name: str, alias: str) -> None:
        self._call(routes.DELETE_ALIAS, wire.AliasName(name=name, alias=alias))

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        answer = self._call(routes.GET_BY_ALIAS, wire.AliasName(name=name, alias=alias))
        return model_versions.decode_version(answer.model_version)
