"""The port to artifacts: files below one root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from mlyard.domain.artifacts import FileInfo


class OpenArtifact(msgspec.Struct, frozen=True):
    """An artifact being read: its size in bytes (None: unknown) and its content in chunks."""

    size: int | None
    chunks: Iterator[bytes]


class ArtifactStore(Protocol):
    """Files below one root, addressed by relative POSIX paths ('' is the root).

    Paths that leave the root, or that are not plain, raise InvalidParameter and touch nothing.
    """

    def list(self, path: str = "") -> list[FileInfo]:
        """Direct children by name, their paths relative to the root; a missing folder is empty."""

    def open(self, path: str) -> AbstractContextManager[OpenArtifact]:
        """Read one file. Raises DoesNotExist."""

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write one file: it appears whole or not at all; an old one stays until then."""

    def delete(self, path: str) -> None:
        """Remove a file or a folder; the root itself is refused. Raises DoesNotExist."""
