"""Artifacts as listings show them."""

from __future__ import annotations

from mlyard.domain.entity import Entity

RESERVED = ".mlyard"
"""Folder at the root of a run's or model's artifacts for mlyard's own files about them; listings leave it out."""


class FileInfo(Entity, frozen=True, kw_only=True):
    """A file (``file_size`` in bytes) or a folder, ``path`` relative to the listing's root."""

    path: str
    is_dir: bool
    file_size: int | None = None


def is_reserved(path: str) -> bool:
    """Whether a path names the reserved folder."""
    return path.rpartition("/")[2] == RESERVED
