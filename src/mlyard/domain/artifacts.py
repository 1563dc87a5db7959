"""Artifacts as listings show them."""

from __future__ import annotations

from mlyard.core.errors import InvalidParameter
from mlyard.domain.entity import Entity

RESERVED = ".mlyard"
"""Folder at the root of a run's or model's artifacts for mlyard's own files about them; listings leave it out."""


class FileInfo(Entity, frozen=True):
    """A file or a folder in a listing of artifacts.

    Args:
        path: The path from the root of the listing, with ``/`` between folders.
        is_dir: Whether it is a folder.
        file_size: The size in bytes. None for a folder. Default: None.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("hello", "notes/hello.txt")
        >>> file = mlyard.MlyardClient().list_artifacts(run.info.run_id, "notes")[0]
        >>> file.path, file.is_dir, file.file_size
        ('notes/hello.txt', False, 5)
    """

    path: str
    is_dir: bool
    file_size: int | None = None


def check_not_reserved(path: str) -> None:
    """Raise InvalidParameter for a path in the reserved folder: what is logged there would be in no listing."""
    if RESERVED in path.split("/"):
        raise InvalidParameter(f"Invalid path {path[:200]!r}: {RESERVED!r} is for mlyard's own files.")


def is_reserved(path: str) -> bool:
    """Whether a path names the reserved folder."""
    return path.rpartition("/")[2] == RESERVED
