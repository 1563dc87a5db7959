"""Signed URLs, by which clients can access the object store for a limited time without credentials."""

from __future__ import annotations

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, NotSupported
from mlyard.ports.artifacts import ArtifactStore, DirectAccess, PartedUploads


def direct_of(store: ArtifactStore) -> DirectAccess:
    """A store's direct access. Raises NotSupported.

    MLflow's clients recognise the beginning of the message, and send the file through the server instead.
    """
    if store.direct is None:
        raise NotSupported(
            "Multipart upload is not supported for the current artifact repository, and neither are signed URLs: "
            "send files through this server."
        )
    return store.direct


def parts_of(store: ArtifactStore) -> PartedUploads:
    """A store's multipart uploads. Raises NotSupported."""
    if store.parts is None:
        raise NotSupported("Multipart uploads are not supported by this server: send the file in one request.")
    return store.parts


def signed_download(store: ArtifactStore, path: str, seconds: float | None) -> tuple[str, int | None]:
    """The URL for reading an existing file, and its size in bytes. Raises DoesNotExist, NotSupported."""
    direct = direct_of(store)
    with store.open(path, 0, 0) as artifact:
        size = artifact.size
    longest = settings.PRESIGNED_DOWNLOAD_SECONDS.get()
    return direct.presign_get(path, _lasting(seconds, longest)).url, size


def signed_upload(store: ArtifactStore, path: str, seconds: float | None) -> str:
    """The URL for writing a file. Raises NotSupported."""
    return direct_of(store).presign_put(path, _lasting(seconds, settings.PRESIGNED_UPLOAD_SECONDS.get())).url


def _lasting(seconds: float | None, longest: float) -> float:
    if seconds is not None and seconds <= 0:
        raise InvalidParameter(
            f"Invalid value {seconds} for parameter 'expiration': expected a positive number of seconds."
        )
    return longest if seconds is None else min(seconds, longest)
