"""``mlyard.artifacts``: what a URI, or a run and a path, stand for."""

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


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | Path | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> str:
    """The local path of a file or folder: where it lies already, or a copy below ``dst_path``."""
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
    """The children of a folder."""
    tracking = open_backend(tracking_uri or get_tracking_uri())
    registry = open_backend(tracking_uri or get_registry_uri())
    root, path = uris.locate(_uri(artifact_uri, run_id, artifact_path), tracking, registry)
    return artifact_store(root, tracking.session or registry.session).list(path)


def load_text(artifact_uri: str) -> str:
    """The text of a file, UTF-8."""
    return _content(artifact_uri).decode()


def load_dict(artifact_uri: str) -> dict[str, Any]:
    """The dictionary of a JSON file. Raises InvalidParameter when it is none."""
    try:
        found = json.loads(_content(artifact_uri))
    except ValueError as error:
        raise InvalidParameter(
            f"Unable to form a JSON object from file content of {artifact_uri!r}: {error}."
        ) from None
    return dict(found)


def load_image(artifact_uri: str) -> Any:
    """The Pillow image of a file. Raises InvalidParameter when it is none."""
    import io

    pillow: Any = need("PIL.Image", "images")
    try:
        image = pillow.open(io.BytesIO(_content(artifact_uri)))
        image.load()
    except OSError:
        raise InvalidParameter(f"{artifact_uri!r} is no image that Pillow can read.") from None
    return image


def _content(uri: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="mlyard-") as folder:
        return Path(download_artifacts(uri, dst_path=folder)).read_bytes()


def _uri(artifact_uri: str | None, run_id: str | None, path: str | None) -> str:
    if (artifact_uri is None) == (run_id is None):
        raise InvalidParameter("Exactly one of `run_id` and `artifact_uri` must be given.")
    if artifact_uri is not None:
        if path is not None:
            raise InvalidParameter("`artifact_path` goes with `run_id`; write it into `artifact_uri`.")
        return artifact_uri
    return f"runs:/{run_id}/{path or ''}"
