"""Logged models over REST."""

from __future__ import annotations

from mlyard.server.endpoints.context import Context, Handlers
from mlyard.wire import logged_models as wire
from mlyard.wire import routes
from mlyard.wire.list_tags import AddToModelTag, decode_entry
from mlyard.wire.message import Empty
from mlyard.wire.tags import decode_tags


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.CREATE_LOGGED_MODEL, create)
    handlers.add(routes.GET_LOGGED_MODEL, get)
    handlers.add(routes.FINALIZE_LOGGED_MODEL, finalize)
    handlers.add(routes.DELETE_LOGGED_MODEL, delete)
    handlers.add(routes.SEARCH_LOGGED_MODELS, search)
    handlers.add(routes.SET_LOGGED_MODEL_TAGS, set_tags)
    handlers.add(routes.ADD_TO_MODEL_TAG, add_to_tag)
    handlers.add(routes.DELETE_LOGGED_MODEL_TAG, delete_tag)
    handlers.add(routes.LOG_LOGGED_MODEL_PARAMS, log_params)


def create(context: Context, request: wire.CreateLoggedModel) -> wire.LoggedModelAnswer:
    return wire.LoggedModelAnswer(
        model=wire.encode_model(context.store.logged_models.create(wire.decode_new_model(request)))
    )


def get(context: Context, request: wire.LoggedModelId) -> wire.LoggedModelAnswer:
    return wire.LoggedModelAnswer(model=wire.encode_model(context.store.logged_models.get(request.model_id)))


def finalize(context: Context, request: wire.FinalizeLoggedModel) -> wire.LoggedModelAnswer:
    model = context.store.logged_models.finalize(request.model_id, wire.status_of(request))
    return wire.LoggedModelAnswer(model=wire.encode_model(model))


def delete(context: Context, request: wire.LoggedModelId) -> Empty:
    context.store.logged_models.delete(request.model_id)
    return Empty()


def search(context: Context, request: wire.SearchLoggedModels) -> wire.LoggedModelsAnswer:
    return wire.encode_models(context.store.logged_models.search(wire.decode_query(request)))


def set_tags(context: Context, request: wire.SetLoggedModelTags) -> wire.LoggedModelTagsAnswer:
    model = context.store.logged_models.set_tags(request.model_id, decode_tags(request.tags))
    return wire.LoggedModelTagsAnswer(model=wire.encode_model(model))


def add_to_tag(context: Context, request: AddToModelTag) -> Empty:
    context.store.logged_models.add_to_tag(request.model_id, request.key, decode_entry(request.entry_json))
    return Empty()


def delete_tag(context: Context, request: wire.DeleteLoggedModelTag) -> Empty:
    context.store.logged_models.delete_tag(request.model_id, request.tag_key)
    return Empty()


def log_params(context: Context, request: wire.LogLoggedModelParams) -> Empty:
    context.store.logged_models.log_params(request.model_id, decode_tags(request.params))
    return Empty()
