"""Model versions over HTTP."""

from __future__ import annotations

from mlyard.domain.model_versions import ModelVersion, NewModelVersion
from mlyard.domain.page import PagedList, SearchQuery
from mlyard.transport.session import Session
from mlyard.wire import model_versions as wire
from mlyard.wire import registered_models, routes


class RestModelVersions:
    """ports.ModelVersionStore."""

    def __init__(self, session: Session) -> None:
        self._call = session.call

    def create(self, new: NewModelVersion) -> ModelVersion:
        return wire.decode_version(self._call(routes.CREATE_MODEL_VERSION, wire.encode_new_version(new)).model_version)

    def get(self, name: str, version: str) -> ModelVersion:
        answer = self._call(routes.GET_MODEL_VERSION, wire.ModelVersionId(name=name, version=version))
        return wire.decode_version(answer.model_version)

    def search(self, query: SearchQuery) -> PagedList[ModelVersion]:
        return wire.decode_versions(self._call(routes.SEARCH_MODEL_VERSIONS, registered_models.encode_query(query)))

    def update(self, name: str, version: str, description: str) -> ModelVersion:
        request = wire.UpdateModelVersion(name=name, version=version, description=description)
        return wire.decode_version(self._call(routes.UPDATE_MODEL_VERSION, request).model_version)

    def transition(self, name: str, version: str, stage: str, *, archive_existing: bool = False) -> ModelVersion:
        request = wire.TransitionStage(
            name=name, version=version, stage=stage, archive_existing_versions=archive_existing
        )
        return wire.decode_version(self._call(routes.TRANSITION_STAGE, request).model_version)

    def delete(self, name: str, version: str) -> None:
        self._call(routes.DELETE_MODEL_VERSION, wire.ModelVersionId(name=name, version=version))

    def set_tag(self, name: str, version: str, key: str, value: str) -> None:
        request = wire.SetModelVersionTag(name=name, version=version, key=key, value=value)
        self._call(routes.SET_MODEL_VERSION_TAG, request)

    def delete_tag(self, name: str, version: str, key: str) -> None:
        request = wire.DeleteModelVersionTag(name=name, version=version, key=key)
        self._call(routes.DELETE_MODEL_VERSION_TAG, request)

    def download_uri(self, name: str, version: str) -> str:
        return self._call(routes.GET_DOWNLOAD_URI, wire.ModelVersionId(name=name, version=version)).artifact_uri
