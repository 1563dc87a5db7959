"""Artifact listings and signed URLs over REST."""

from __future__ import annotations

from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import InvalidParameter
from mlyard.server.endpoints.context import Context, Handlers
from mlyard.server.signing import signed_download, signed_upload
from mlyard.wire import artifacts as wire
from mlyard.wire import routes
from mlyard.wire.runs import RunId, run_id_of


def register(handlers: Handlers) -> None:
    """Add the handlers of this file."""
    handlers.add(routes.LIST_ARTIFACTS, list_run)
    handlers.add(routes.LIST_LOGGED_MODEL_ARTIFACTS, list_logged_model)
    handlers.add(routes.PRESIGN_UPLOAD, presign_upload)
    handlers.add(routes.PRESIGN_DOWNLOAD, presign_download)


def list_run(context: Context, request: wire.ListArtifacts) -> wire.FilesAnswer:
    run_id = run_id_of(RunId(run_id=request.run_id, run_uuid=request.run_uuid))
    uri, folder = context.artifacts.of_run(context.store, run_id)
    return wire.encode_files(folder.list(request.path), uri)


def list_logged_model(context: Context, request: wire.ListLoggedModelArtifacts) -> wire.FilesAnswer:
    uri, folder = context.artifacts.of_logged_model(context.store, request.model_id)
    return wire.encode_files(folder.list(request.artifact_directory_path), uri)


def presign_upload(context: Context, request: wire.CreatePresignedUpload) -> wire.PresignedUrlAnswer:
    if bool(request.run_id) == bool(request.model_id):
        raise InvalidParameter("Give exactly one of 'run_id' and 'model_id'.")
    access, store = context.artifacts, context.store
    _, folder = (
        access.of_run(store, request.run_id) if request.run_id else access.of_logged_model(store, request.model_id)
    )
    path = folder.child(check_file_path(request.path))
    return wire.PresignedUrlAnswer(presigned_url=signed_upload(folder.store, path, request.expiration))


def presign_download(context: Context, request: wire.CreatePresignedDownload) -> wire.PresignedUrlAnswer:
    _, folder = context.artifacts.of_run(context.store, request.run_id)
    path = folder.child(check_file_path(request.path))
    url, size = signed_download(folder.store, path, request.expiration)
    return wire.PresignedUrlAnswer(presigned_url=url, file_size=size)
