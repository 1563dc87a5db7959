"""Model versions over REST."""

from __future__ import annotations

from mlyard.server.endpoints.context import Context, Handlers
from mlyard.services.model_sources import resolve_source
from mlyard.services.version_links import link_version
from mlyard.wire import model_versions as wire
from mlyard.wire import registered_models, routes
from mlyard.wire.message import Empty

_DEFAULT_PAGE = 200_000


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.CREATE_MODEL_VERSION, create)
    handlers.add(routes.GET_MODEL_VERSION, get)
    handlers.add(routes.SEARCH_MODEL_VERSIONS, search)
    handlers.add(routes.UPDATE_MODEL_VERSION, update)
    handlers.add(routes.TRANSITION_STAGE, transition)
    handlers.add(routes.DELETE_MODEL_VERSION, delete)
    handlers.add(routes.SET_MODEL_VERSION_TAG, set_tag)
    handlers.add(routes.DELETE_MODEL_VERSION_TAG, delete_tag)
    handlers.add(routes.GET_DOWNLOAD_URI, download_uri)


def create(context: Context, request: wire.CreateModelVersion) -> wire.ModelVersionAnswer:
    new = resolve_source(context.store, wire.decode_new_version(request))
    version = context.store.model_versions.create(new)
    link_version(context.store.logged_models, version)
    return wire.ModelVersionAnswer(model_version=wire.encode_version(version))


def get(context: Context, request: wire.ModelVersionId) -> wire.ModelVersionAnswer:
    version = context.store.model_versions.get(request.name, str(request.version))
    return wire.ModelVersionAnswer(model_version=wire.encode_version(version))


def search(context: Context, request: registered_models.SearchRegistry) -> wire.ModelVersionsAnswer:
    query = registered_models.decode_query(request, _DEFAULT_PAGE)
    return wire.encode_versions(context.store.model_versions.search(query))


def update(context: Context, request: wire.UpdateModelVersion) -> wire.ModelVersionAnswer:
    version = context.store.model_versions.update(request.name, str(request.version), request.description)
    return wire.ModelVersionAnswer(model_version=wire.encode_version(version))


def transition(context: Context, request: wire.TransitionStage) -> wire.ModelVersionAnswer:
    version = context.store.model_versions.transition(
        request.name, str(request.version), request.stage, archive_existing=request.archive_existing_versions
    )
    return wire.ModelVersionAnswer(model_version=wire.encode_version(version))


def delete(context: Context, request: wire.ModelVersionId) -> Empty:
    context.store.model_versions.delete(request.name, str(request.version))
    return Empty()


def set_tag(context: Context, request: wire.SetModelVersionTag) -> Empty:
    context.store.model_versions.set_tag(request.name, str(request.version), request.key, request.value)
    return Empty()


def delete_tag(context: Context, request: wire.DeleteModelVersionTag) -> Empty:
    context.store.model_versions.delete_tag(request.name, str(request.version), request.key)
    return Empty()


def download_uri(context: Context, request: wire.ModelVersionId) -> wire.DownloadUriAnswer:
    return wire.DownloadUriAnswer(
        artifact_uri=context.store.model_versions.download_uri(request.name, str(request.version))
    )
