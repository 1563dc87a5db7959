"""Artifact listings over REST."""

from __future__ import annotations

from mlyard.server.endpoints.context import Context, Handlers
from mlyard.wire import artifacts as wire
from mlyard.wire import routes
from mlyard.wire.runs import RunId, run_id_of


def register(handlers: Handlers) -> None:
    """Add this noun's handlers."""
    handlers.add(routes.LIST_ARTIFACTS, list_run)
    handlers.add(routes.LIST_LOGGED_MODEL_ARTIFACTS, list_logged_model)


def list_run(context: Context, request: wire.ListArtifacts) -> wire.FilesAnswer:
    run_id = run_id_of(RunId(run_id=request.run_id, run_uuid=request.run_uuid))
    uri, folder = context.artifacts.of_run(context.store, run_id)
    return wire.to_files(folder.list(request.path), uri)


def list_logged_model(context: Context, request: wire.ListLoggedModelArtifacts) -> wire.FilesAnswer:
    uri, folder = context.artifacts.of_logged_model(context.store, request.model_id)
    return wire.to_files(folder.list(request.artifact_directory_path), uri)
