"""Artifacts as a listing shows them."""

from __future__ import annotations

from mlyard.domain.entity import Entity

RESERVED = ".mlyard"
"""The folder at a run's or model's root where mlyard keeps what it knows of the artifacts; no listing shows it."""


class FileInfo(Entity, frozen=True, kw_only=True):
    """A file (``file_size`` in bytes) or a folder, ``path`` relative to the listing's root."""

    path: str
    is_dir: bool
    file_size: int | None = None


def is_reserved(path: str) -> bool:
    """Whether a path names that folder itself."""
    return path.rpartition("/")[2] == RESERVED
