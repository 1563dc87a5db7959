"""The port for artifacts: files below one root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from mlyard.domain.artifacts import FileInfo

Content: TypeAlias = "Path | bytes | Iterable[bytes]"
"""The content of a file: another file, bytes, or chunks that can be read once."""


class OpenArtifact(msgspec.Struct, frozen=True):
    """An artifact opened for reading: the whole file's size in bytes (None if unknown), and the requested range."""

    size: int | None
    chunks: Iterator[bytes]


class SignedUrl(msgspec.Struct, frozen=True):
    """A URL that works without credentials for a limited time, and the headers to send with it."""

    url: str
    headers: Mapping[str, str] = {}


class Part(msgspec.Struct, frozen=True):
    """A part of a multipart upload: its number, from 1 up, and its offset and size in bytes."""

    number: int
    start: int
    size: int


class Unfinished(msgspec.Struct, frozen=True):
    """An incomplete file; times are in ms.

    ``upload_id``: that of an object store's multipart upload; '' for a temporary file of mlyard's.
    """

    path: str
    begun_at: int
    upload_id: str = ""


class DirectAccess(Protocol):
    """Access to an object store by signed URLs, so that clients need no server in between."""

    def presign_get(self, path: str, seconds: float) -> SignedUrl:
        """The URL for reading a file."""

    def presign_put(self, path: str, seconds: float) -> SignedUrl:
        """The URL for writing a file."""

    def presign_part(self, path: str, upload_id: str, number: int, seconds: float) -> SignedUrl:
        """The URL for writing one part of a file. Part numbers start at 1."""


class PartedUploads(Protocol):
    """Multipart uploads: parts come in any order, and one that failed can be sent again by itself.

    The file appears when the upload is completed. Methods with an ``upload_id`` raise DoesNotExist if it is unknown.
    """

    def begin(self, path: str) -> str:
        """Start an upload, and return its id."""

    def put_part(self, path: str, upload_id: str, part: Part, content: Iterable[bytes]) -> str:
        """Store a part, and return the tag for ``complete``. Raises TemporarilyUnavailable if it was cut short."""

    def complete(self, path: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """Join the parts, given as tags by number. Raises InvalidParameter if parts are missing or overlap."""

    def abort(self, path: str, upload_id: str) -> None:
        """Discard an upload and its parts."""

    def uploads(self) -> Sequence[Unfinished]:
        """All uploads that are neither completed nor aborted."""


class Bundles(Protocol):
    """Many small files in one request, for stores where each request is costly."""

    def put_many(self, files: Mapping[str, bytes]) -> None:
        """Store files by path, each completely or not at all.

        Raises the error of one failed file; the other files may have been stored.
        """


class ArtifactStore(Protocol):
    """Files below one root, addressed by relative POSIX paths ('' is the root).

    Paths that are not plain or lead out of the root raise InvalidParameter, and nothing happens.
    """

    @property
    def direct(self) -> DirectAccess | None:
        """Access by signed URLs, if the store supports it."""

    @property
    def parts(self) -> PartedUploads | None:
        """Multipart uploads, if the store supports them."""

    @property
    def bundles(self) -> Bundles | None:
        """A faster way to store many small files, if the store has one."""

    def list(self, path: str = "") -> list[FileInfo]:
        """The direct children of a folder by name, with paths relative to the root. A missing folder is empty."""

    def open(self, path: str, start: int = 0, stop: int | None = None) -> AbstractContextManager[OpenArtifact]:
        """Read one file from byte ``start`` up to ``stop``, by default to its end. Raises DoesNotExist."""

    def put(self, path: str, content: Content, size: int | None = None) -> None:
        """Write one file. It appears when it is complete; until then an older one stays.

        ``size``: the size of ``content`` in bytes, if known; object stores choose the size of parts by it.
        """

    def delete(self, path: str) -> None:
        """Remove a file or a folder. The root itself cannot be removed. Raises DoesNotExist."""

    def unfinished(self) -> Sequence[Unfinished]:
        """Incomplete files: left behind by killed writers, or being written right now."""

    def drop(self, unfinished: Unfinished) -> None:
        """Discard an incomplete file. Nothing happens if it has been completed or discarded in the meantime."""
