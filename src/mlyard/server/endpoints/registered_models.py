"""Registered models over REST."""

from __future__ import annotations

from mlyard.domain.page import PagedList
from mlyard.server.endpoints.context import Context, Handlers
from mlyard.wire import model_versions, routes
from mlyard.wire import registered_models as wire
from mlyard.wire.message import Empty
from mlyard.wire.tags import decode_tags

_DEFAULT_PAGE = 100


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.CREATE_REGISTERED_MODEL, create)
    handlers.add(routes.GET_REGISTERED_MODEL, get)
    handlers.add(routes.SEARCH_REGISTERED_MODELS, search)
    handlers.add(routes.LIST_REGISTERED_MODELS, list_all)
    handlers.add(routes.RENAME_REGISTERED_MODEL, rename)
    handlers.add(routes.UPDATE_REGISTERED_MODEL, update)
    handlers.add(routes.DELETE_REGISTERED_MODEL, delete)
    handlers.add(routes.GET_LATEST_VERSIONS, latest_versions)
    handlers.add(routes.SET_REGISTERED_MODEL_TAG, set_tag)
    handlers.add(routes.DELETE_REGISTERED_MODEL_TAG, delete_tag)
    handlers.add(routes.SET_ALIAS, set_alias)
    handlers.add(routes.GET_BY_ALIAS, get_by_alias)
    handlers.add(routes.DELETE_ALIAS, delete_alias)


def create(context: Context, request: wire.CreateRegisteredModel) -> wire.RegisteredModelAnswer:
    model = context.store.registered_models.create(
        request.name, request.description, decode_tags(request.tags), request.request_id
    )
    return wire.RegisteredModelAnswer(registered_model=wire.encode_model(model))


def get(context: Context, request: wire.RegisteredModelName) -> wire.RegisteredModelAnswer:
    model = context.store.registered_models.get(request.name)
    return wire.RegisteredModelAnswer(registered_model=wire.encode_model(model))


def search(context: Context, request: wire.SearchRegistry) -> wire.RegisteredModelsAnswer:
    return wire.encode_models(context.store.registered_models.search(wire.decode_query(request, _DEFAULT_PAGE)))


def list_all(context: Context, request: wire.ListRegisteredModels) -> wire.RegisteredModelsAnswer:
    query = wire.SearchRegistry(max_results=request.max_results, page_token=request.page_token)
    return search(context, query)


def rename(context: Context, request: wire.RenameRegisteredModel) -> wire.RegisteredModelAnswer:
    model = context.store.registered_models.rename(request.name, request.new_name, request.request_id)
    return wire.RegisteredModelAnswer(registered_model=wire.encode_model(model))


def update(context: Context, request: wire.UpdateRegisteredModel) -> wire.RegisteredModelAnswer:
    model = context.store.registered_models.update(request.name, request.description)
    return wire.RegisteredModelAnswer(registered_model=wire.encode_model(model))


def delete(context: Context, request: wire.RegisteredModelName) -> Empty:
    context.store.registered_models.delete(request.name)
    return Empty()


def latest_versions(context: Context, request: wire.GetLatestVersions) -> model_versions.ModelVersionsAnswer:
    found = context.store.registered_models.latest_versions(request.name, request.stages)
    return model_versions.encode_versions(PagedList(found))


def set_tag(context: Context, request: wire.SetRegisteredModelTag) -> Empty:
    context.store.registered_models.set_tag(request.name, request.key, request.value)
    return Empty()


def delete_tag(context: Context, request: wire.DeleteRegisteredModelTag) -> Empty:
    context.store.registered_models.delete_tag(request.name, request.key)
    return Empty()


def set_alias(context: Context, request: wire.SetAlias) -> Empty:
    context.store.registered_models.set_alias(request.name, request.alias, str(request.version))
    return Empty()


def get_by_alias(context: Context, request: wire.AliasName) -> model_versions.ModelVersionAnswer:
    version = context.store.registered_models.get_by_alias(request.name, request.alias)
    return model_versions.ModelVersionAnswer(model_version=model_versions.encode_version(version))


def delete_alias(context: Context, request: wire.AliasName) -> Empty:
    context.store.registered_models.delete_alias(request.name, request.alias)
    return Empty()
