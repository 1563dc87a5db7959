"""``mlyard.artifacts``: reads artifacts by URI, or by run and path."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from mlyard.artifacts.factory import artifact_store
from mlyard.client import uris
from mlyard.client.backends import open_backend
from mlyard.client.tracking import get_registry_uri, get_tracking_uri
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.domain.artifacts import FileInfo
from mlyard.domain.uris import RunUri


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | Path | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> str:
    """Return the local path of an artifact, which is downloaded if it is not on this machine.

    Give either ``artifact_uri``, or ``run_id`` and perhaps ``artifact_path``.

    Args:
        artifact_uri: ``runs:/<run id>/<path>``, ``models:/<name>/<version or stage>``, ``models:/<name>@<alias>``,
            ``models:/m-<id>``, or the URI of a file or folder.
        run_id: Run that has the artifact.
        artifact_path: Path of the file or folder in the run's artifacts. Default: all of them.
        dst_path: Folder to copy to; it is created if it does not exist. Default: no copy of local artifacts, a new
            temporary folder for others.
        tracking_uri: Where runs are stored. Default: ``get_tracking_uri()``.
        registry_uri: Where models are registered. Default: ``tracking_uri`` if given, else ``get_registry_uri()``.

    Returns:
        The path of the file or folder.

    Raises:
        DoesNotExist: There is no such artifact, run or model.
        InvalidParameter: The arguments do not name one artifact, or a URI is not supported.
        DataLoss: A downloaded file differs from the file that was logged.

    Example:
        >>> from pathlib import Path
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("hello", "notes/hello.txt")
        >>> path = mlyard.artifacts.download_artifacts(f"runs:/{run.info.run_id}/notes/hello.txt")
        >>> Path(path).read_text()
        'hello'
    """
    uri = _uri(artifact_uri, run_id, artifact_path)
    tracking = open_backend(tracking_uri or get_tracking_uri())
    registry = open_backend(registry_uri or tracking_uri or get_registry_uri())
    return str(uris.download(uri, tracking, registry, Path(dst_path) if dst_path else None, keep=True))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
) -> list[FileInfo]:
    """List the files and folders directly in a folder of artifacts.

    Give either ``artifact_uri``, or ``run_id`` and perhaps ``artifact_path``.

    Args:
        artifact_uri: URI of the folder, as in ``download_artifacts``.
        run_id: Run that has the artifacts.
        artifact_path: Path of the folder in the run's artifacts. Default: their root.
        tracking_uri: Where runs are stored and models are registered. Default: those of this process.

    Returns:
        One entry per file or folder: its path, whether it is a folder, and its size in bytes. Empty if the folder does
        not exist.

    Raises:
        DoesNotExist: There is no such run or model.
        InvalidParameter: The arguments do not name one folder, or a URI is not supported.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("hello", "notes/hello.txt")
        >>> [(file.path, file.file_size) for file in mlyard.artifacts.list_artifacts(f"runs:/{run.info.run_id}/notes")]
        [('notes/hello.txt', 5)]
    """
    tracking = open_backend(tracking_uri or get_tracking_uri())
    registry = open_backend(tracking_uri or get_registry_uri())
    root, path = uris.locate(_uri(artifact_uri, run_id, artifact_path), tracking, registry)
    return artifact_store(root, tracking.session or registry.session).list(path)


def load_text(artifact_uri: str) -> str:
    """Read a text file that was logged.

    Args:
        artifact_uri: URI of the file, as in ``download_artifacts``; its content is UTF-8.

    Returns:
        The text.

    Raises:
        DoesNotExist: There is no such artifact, run or model.
        InvalidParameter: The URI is not supported.
        DataLoss: The file differs from the file that was logged.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("hello", "hello.txt")
        >>> mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/hello.txt")
        'hello'
    """
    return _content(artifact_uri).decode()


def load_dict(artifact_uri: str) -> dict[str, Any]:
    """Read a JSON file that was logged.

    Args:
        artifact_uri: URI of the file, as in ``download_artifacts``.

    Returns:
        The dictionary; if the file holds another JSON value, such as a list, that value.

    Raises:
        DoesNotExist: There is no such artifact, run or model.
        InvalidParameter: The file is not JSON, or the URI is not supported.
        DataLoss: The file differs from the file that was logged.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_dict({"alpha": 0.5}, "settings.json")
        >>> mlyard.artifacts.load_dict(f"runs:/{run.info.run_id}/settings.json")
        {'alpha': 0.5}
    """
    try:
        found: dict[str, Any] = json.loads(_content(artifact_uri))
    except ValueError as error:
        raise InvalidParameter(
            f"Unable to form a JSON object from file content of {artifact_uri!r}: {error}."
        ) from None
    return found


def load_image(artifact_uri: str) -> Any:
    """Read an image that was logged.

    Args:
        artifact_uri: URI of the file, as in ``download_artifacts``.

    Returns:
        The Pillow image.

    Raises:
        DoesNotExist: There is no such artifact, run or model.
        InvalidParameter: The file is not an image that Pillow can read, or the URI is not supported.
        DataLoss: The file differs from the file that was logged.

    Example:
        >>> import mlyard
        >>> import numpy as np
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_image(np.zeros((2, 3, 3), dtype=np.uint8), "black.png")
        >>> mlyard.artifacts.load_image(f"runs:/{run.info.run_id}/black.png").size
        (3, 2)
    """
    import io

    pillow: Any = need("PIL.Image", "images")
    try:
        image = pillow.open(io.BytesIO(_content(artifact_uri)))
        image.load()
    except OSError:
        raise InvalidParameter(f"{artifact_uri!r} is not an image that Pillow can read.") from None
    return image


def _content(uri: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="mlyard-") as folder:
        return Path(download_artifacts(uri, dst_path=folder)).read_bytes()


def _uri(artifact_uri: str | None, run_id: str | None, path: str | None) -> str:
    if (artifact_uri is None) == (run_id is None):
        raise InvalidParameter("Exactly one of `run_id` and `artifact_uri` must be given.")
    if artifact_uri is not None:
        if path is not None:
            raise InvalidParameter("`artifact_path` needs `run_id`. With `artifact_uri`, append the path to the URI.")
        return artifact_uri
    return str(RunUri(run_id or "", (path or "").strip("/")))
