"""Artifacts as a listing shows them."""

from __future__ import annotations

from mlyard.domain.entity import Entity


class FileInfo(Entity, frozen=True, kw_only=True):
    """A file (``file_size`` in bytes) or a folder, ``path`` relative to the listing's root."""

    path: str
    is_dir: bool
    file_size: int | None = None
