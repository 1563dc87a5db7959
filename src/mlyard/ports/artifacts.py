"""The port to artifacts: files below one root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from mlyard.domain.artifacts import FileInfo

Content: TypeAlias = "Path | bytes | Iterable[bytes]"
"""What a file is made of: another file, bytes, or chunks that can be read once."""


class OpenArtifact(msgspec.Struct, frozen=True):
    """An artifact being read: the whole file's size in bytes (None: unknown) and the asked part in chunks."""

    size: int | None
    chunks: Iterator[bytes]


class SignedUrl(msgspec.Struct, frozen=True):
    """An address that needs no credentials for a while, and the headers to send with it."""

    url: str
    headers: Mapping[str, str] = {}


class Part(msgspec.Struct, frozen=True):
    """A piece of a file that is put in parts: its number, from 1, and where it starts and how long it is, in bytes."""

    number: int
    start: int
    size: int


class Unfinished(msgspec.Struct, frozen=True):
    """A file that is not whole; times are ms.

    ``upload_id``: of an object store's upload in parts, which only its path tells of; '' for a file that
    mlyard named itself.
    """

    path: str
    begun_at: int
    upload_id: str = ""


class DirectAccess(Protocol):
    """What an object store lets clients do without a server between."""

    def presign_get(self, path: str, seconds: float) -> SignedUrl:
        """Where a file can be read."""

    def presign_put(self, path: str, seconds: float) -> SignedUrl:
        """Where a file can be put."""

    def presign_part(self, path: str, upload_id: str, number: int, seconds: float) -> SignedUrl:
        """Where a part of a file can be put, by its number, from 1."""


class PartedUploads(Protocol):
    """Files that come in parts, in any order: one that failed is put again, alone.

    Nothing shows under the name until the upload is completed. Raise DoesNotExist for an upload that is not there.
    """

    def begin(self, path: str) -> str:
        """The id of a new upload."""

    def put_part(self, path: str, upload_id: str, part: Part, content: Iterable[bytes]) -> str:
        """The tag that tells ``complete`` of the part. Raises TemporarilyUnavailable when it came short."""

    def complete(self, path: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Make the file of its parts, by number. Raises InvalidParameter when they do not join."""

    def abort(self, path: str, upload_id: str) -> None:
        """Forget an upload and its parts."""

    def uploads(self) -> Sequence[Unfinished]:
        """All that are neither completed nor aborted."""


class Bundles(Protocol):
    """Many small files at once, where each request has its price."""

    def put_many(self, files: Mapping[str, bytes]) -> None:
        """Put files by path, each whole or not at all. Raises what the first raises that failed; others are there."""


class ArtifactStore(Protocol):
    """Files below one root, addressed by relative POSIX paths ('' is the root).

    Paths that leave the root, or that are not plain, raise InvalidParameter and touch nothing.
    """

    @property
    def direct(self) -> DirectAccess | None:
        """Access without a server between, where the store gives it."""

    @property
    def parts(self) -> PartedUploads | None:
        """Uploads in parts, where the store takes them from others than itself."""

    @property
    def bundles(self) -> Bundles | None:
        """A quicker way for many small files, where there is one."""

    def list(self, path: str = "") -> list[FileInfo]:
        """Direct children by name, their paths relative to the root; a missing folder is empty."""

    def open(self, path: str, start: int = 0, stop: int | None = None) -> AbstractContextManager[OpenArtifact]:
        """Read the bytes from ``start`` up to ``stop`` (the end) of one file. Raises DoesNotExist."""

    def put(self, path: str, content: Content, size: int | None = None) -> None:
        """Write one file: it appears whole or not at all; an old one stays until then.

        ``size``: of chunks, in bytes, where it is known: object stores want to know how large their parts must be.
        """

    def delete(self, path: str) -> None:
        """Remove a file or a folder; the root itself is refused. Raises DoesNotExist."""

    def unfinished(self) -> Sequence[Unfinished]:
        """What killed writers left: files that were begun, and are not whole. Some may be on their way just now."""

    def drop(self, unfinished: Unfinished) -> None:
        """Forget such a file; nothing happens when it has been ended meanwhile."""
