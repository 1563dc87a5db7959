"""Logged models over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlyard.core.jsontext import json_text
from mlyard.domain.logged_models import LoggedModel, LoggedModelQuery, NewLoggedModel
from mlyard.domain.page import PagedList
from mlyard.stores.rest import list_tags
from mlyard.transport.session import Session
from mlyard.wire import logged_models as wire
from mlyard.wire import routes
from mlyard.wire.list_tags import AddToModelTag
from mlyard.wire.tags import encode_tags


class RestLoggedModels:
    """ports.LoggedModelStore."""

    def __init__(self, session: Session) -> None:
        self._call = session.call

    def create(self, new: NewLoggedModel) -> LoggedModel:
        return wire.decode_model(self._call(routes.CREATE_LOGGED_MODEL, wire.encode_new_model(new)).model)

    def get(self, model_id: str) -> LoggedModel:
        return wire.decode_model(self._call(routes.GET_LOGGED_MODEL, wire.LoggedModelId(model_id=model_id)).model)

    def finalize(self, model_id: str, status: str) -> LoggedModel:
        request = wire.FinalizeLoggedModel(model_id=model_id, status=status)
        return wire.decode_model(self._call(routes.FINALIZE_LOGGED_MODEL, request).model)

    def search(self, query: LoggedModelQuery) -> PagedList[LoggedModel]:
        return wire.decode_models(self._call(routes.SEARCH_LOGGED_MODELS, wire.encode_query(query)))

    def log_params(self, model_id: str, params: dict[str, str]) -> None:
        request = wire.LogLoggedModelParams(model_id=model_id, params=encode_tags(params))
        self._call(routes.LOG_LOGGED_MODEL_PARAMS, request)

    def set_tags(self, model_id: str, tags: dict[str, str]) -> LoggedModel:
        request = wire.SetLoggedModelTags(model_id=model_id, tags=encode_tags(tags))
        changed = self._call(routes.SET_LOGGED_MODEL_TAGS, request).model
        return self.get(model_id) if changed is None else wire.decode_model(changed)

    def add_to_tag(self, model_id: str, key: str, entry: Mapping[str, Any]) -> None:
        request = AddToModelTag(model_id=model_id, key=key, entry_json=json_text(entry))
        list_tags.add(
            lambda: self._call(routes.ADD_TO_MODEL_TAG, request),
            lambda: self.get(model_id).tags,
            lambda text: self.set_tags(model_id, {key: text}),
            key,
            entry,
        )

    def delete_tag(self, model_id: str, key: str) -> None:
        self._call(routes.DELETE_LOGGED_MODEL_TAG, wire.DeleteLoggedModelTag(model_id=model_id, tag_key=key))

    def delete(self, model_id: str) -> None:
        self._call(routes.DELETE_LOGGED_MODEL, wire.LoggedModelId(model_id=model_id))
