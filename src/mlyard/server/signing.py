"""Addresses in the object store that a client may use for a while, without its keys."""

from __future__ import annotations

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, NotSupported
from mlyard.ports.artifacts import ArtifactStore, DirectAccess, PartedUploads


def direct_of(store: ArtifactStore) -> DirectAccess:
    """Raises NotSupported; MLflow's clients know the text's beginning, and then send the file through the server."""
    if store.direct is None:
        raise NotSupported(
            "Multipart upload is not supported for the current artifact repository, nor are signed addresses: "
            "send files through this server."
        )
    return store.direct


def parts_of(store: ArtifactStore) -> PartedUploads:
    """Raises NotSupported."""
    if store.parts is None:
        raise NotSupported("Uploads in parts are not supported here: send files whole.")
    return store.parts


def signed_download(store: ArtifactStore, path: str, seconds: float | None) -> tuple[str, int | None]:
    """The address of a file that is there, and its size in bytes. Raises DoesNotExist, NotSupported."""
    direct = direct_of(store)
    with store.open(path, 0, 0) as artifact:
        size = artifact.size
    longest = settings.PRESIGNED_DOWNLOAD_SECONDS.get()
    return direct.presign_get(path, _lasting(seconds, longest)).url, size


def signed_upload(store: ArtifactStore, path: str, seconds: float | None) -> str:
    """The address that takes a file. Raises NotSupported."""
    return direct_of(store).presign_put(path, _lasting(seconds, settings.PRESIGNED_UPLOAD_SECONDS.get())).url


def _lasting(seconds: float | None, longest: float) -> float:
    if seconds is not None and seconds <= 0:
        raise InvalidParameter(f"Invalid value {seconds} for parameter 'expiration': it is a number of seconds.")
    return longest if seconds is None else min(seconds, longest)
