"""Artifacts in an object store: S3 and compatible stores, Google Cloud Storage, Azure.

The library obstore transfers the bytes; see ADR 0005. Keys are exactly ``<root>/<path>``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.artifacts.content import CHUNK, whole_or_chunks
from mlyard.artifacts.in_parts import send_in_parts
from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core.errors import (
    DoesNotExist,
    InvalidParameter,
    InvalidState,
    MlyardError,
    PermissionDenied,
    TemporarilyUnavailable,
)
from mlyard.core.lazy import need
from mlyard.domain.artifacts import FileInfo, is_reserved
from mlyard.domain.uris import parse_location
from mlyard.ports.artifacts import Bundles, Content, DirectAccess, OpenArtifact, Part, PartedUploads, Unfinished

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PART = 8 * 1024 * 1024
_PARTS = 9_000  # S3 accepts at most 10,000
_AT_ONCE = 4
_DELETED_AT_ONCE = 1000
_used_by: list[int] = []  # the id of the process that used obstore first; forked processes inherit it


class ObjectArtifactStore:
    """ports.ArtifactStore below the prefix ``root`` of a bucket.

    An object appears after its last part, complete or not at all; the parts of a failed upload are dropped.
    A file and a folder may have the same name, because object stores have no folders.
    """

    bundles: Bundles | None = None

    def __init__(
        self,
        bucket: ObjectStore,
        root: str = "",
        direct: DirectAccess | None = None,
        parts: PartedUploads | None = None,
    ) -> None:
        self._bucket = bucket
        self._root = root.strip("/")
        self.direct = direct
        self.parts = parts

    def list(self, path: str = "") -> list[FileInfo]:
        """See ports.ArtifactStore."""
        import obstore

        folder = self._key(check_path(path))
        with _used(path):
            found = obstore.list_with_delimiter(self._bucket, folder or None)
        cut = len(self._root) + 1 if self._root else 0
        folders = [FileInfo(path=key[cut:], is_dir=True) for key in found["common_prefixes"]]
        files = [FileInfo(path=o["path"][cut:], is_dir=False, file_size=o["size"]) for o in found["objects"]]
        # Some stores list the marker object of a folder among its entries.
        shown = (f for f in (*folders, *files) if f.path not in {path, ""} and not is_reserved(f.path))
        return sorted(shown, key=lambda f: f.path)

    @contextmanager
    def open(self, path: str, start: int = 0, stop: int | None = None) -> Iterator[OpenArtifact]:
        """See ports.ArtifactStore."""
        import obstore

        key = self._key(check_file_path(path))
        with _used(path):
            if not start and stop is None:
                found = obstore.get(self._bucket, key)
                yield OpenArtifact(found.meta["size"], _chunks(found, path))
                return
            size = obstore.head(self._bucket, key)["size"]
            last = size if stop is None else min(stop, size)
            if start >= last:
                yield OpenArtifact(size, iter(()))
                return
            part = obstore.get(self._bucket, key, options={"range": (start, last)})
            yield OpenArtifact(size, _chunks(part, path))

    def put(self, path: str, content: Content, size: int | None = None) -> None:
        """See ports.ArtifactStore."""
        import obstore

        key = self._key(check_file_path(path))
        part = max(_PART, ((content.stat().st_size if isinstance(content, Path) else size) or 0) // _PARTS)
        whole, chunks = whole_or_chunks(content, part)
        with _used(path):
            if whole is not None:
                obstore.put(self._bucket, key, whole, use_multipart=False)
            elif size is None and self.parts and not isinstance(content, Path):
                _put_in_parts(self.parts, path, chunks)
            else:
                obstore.put(self._bucket, key, iter(chunks), chunk_size=part, max_concurrency=_AT_ONCE)

    def delete(self, path: str) -> None:
        """See ports.ArtifactStore."""
        import obstore

        key = self._key(check_file_path(path))
        with _used(path):
            below = [o["path"] for batch in obstore.list(self._bucket, prefix=key) for o in batch]
            if _exists(self._bucket, key):
                below.append(key)
            if not below:
                raise DoesNotExist(f"There is no artifact {path!r}.")
            for first in range(0, len(below), _DELETED_AT_ONCE):
                obstore.delete(self._bucket, below[first : first + _DELETED_AT_ONCE])

    def unfinished(self) -> Sequence[Unfinished]:
        """See ports.ArtifactStore."""
        return self.parts.uploads() if self.parts else ()

    def drop(self, unfinished: Unfinished) -> None:
        """See ports.ArtifactStore."""
        if self.parts:
            with suppress(DoesNotExist):
                self.parts.abort(unfinished.path, unfinished.upload_id)

    def _key(self, path: str) -> str:
        return "/".join(part for part in (self._root, path) if part)


def open_object_store(uri: str) -> ObjectArtifactStore:
    """The store of ``s3://bucket/root``, ``gs://…`` or ``abfss://container@account…/root``. Raises InvalidParameter."""
    need("obstore", "s3")
    with _translated(uri):
        return _open(uri)


def _open(uri: str) -> ObjectArtifactStore:
    found = parse_location(uri)
    root, name = check_path(found.path.strip("/")), found.authority
    if not name:
        raise InvalidParameter(f"{uri!r} does not name a bucket: write {found.scheme}://<bucket>/<path>.")
    if found.scheme == "s3":
        from mlyard.artifacts import s3

        return ObjectArtifactStore(s3.bucket(name), root, s3.S3Direct(name, root), s3.S3Parts(name, root))
    return ObjectArtifactStore(_other_bucket(f"{found.scheme}://{name}"), root)


def _other_bucket(uri: str) -> Any:
    """A bucket of Google or Azure, configured by the environment variables of their own tools."""
    from obstore.store import from_url

    return from_url(uri)


def _put_in_parts(parts: PartedUploads, path: str, chunks: Iterable[bytes]) -> None:
    """Upload content of unknown size: obstore's parts all have one size, so that 10,000 may not be enough."""
    upload_id = parts.begin(path)
    try:
        tags = send_in_parts(
            chunks,
            lambda number, start, block: parts.put_part(path, upload_id, Part(number, start, len(block)), [block]),
            at_once=2,  # a server has many uploads, and each part is in memory
        )
        parts.complete(path, upload_id, tags)
    except BaseException:
        with suppress(MlyardError):
            parts.abort(path, upload_id)
        raise


def _exists(bucket: ObjectStore, key: str) -> bool:
    import obstore

    try:
        obstore.head(bucket, key)
    except FileNotFoundError:
        return False
    return True


def _chunks(found: Any, path: str) -> Iterator[bytes]:
    with _used(path):
        for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)


@contextmanager
def _used(path: str) -> Iterator[None]:
    """As ``_translated``, for what starts obstore's threads; opening a store does not."""
    _check_process(path)
    with _translated(path):
        yield


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """Raise obstore's errors as ours, without obstore's texts: they contain addresses."""
    from obstore import exceptions

    try:
        yield
    except FileNotFoundError:
        raise DoesNotExist(f"There is no artifact {path!r}.") from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
        raise PermissionDenied(
            f"The object store denies access to {path!r} ({_reason(error)}): check AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY and their permissions, or the credentials of the store that you use."
        ) from None
    except exceptions.BaseError as error:
        raise TemporarilyUnavailable(
            f"The object store failed on {path!r} ({_reason(error)}): check "
            "MLYARD_S3_ENDPOINT_URL and that the bucket exists, or try again."
        ) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # obstore's; not an Exception, so that it would end the process
            raise
        raise InvalidParameter(
            f"The library for object stores failed on {path!r}: check MLYARD_S3_ENDPOINT_URL, the AWS_* variables and "
            "the name of the bucket."
        ) from None


def _check_process(path: str) -> None:
    """Refuse what would wait for ever: obstore's threads are in the process that used it first, not in its forks."""
    if not _used_by:
        _used_by.append(os.getpid())
    if _used_by[0] != os.getpid():
        raise InvalidState(
            f"This process cannot access {path!r} in the object store: it was forked after its parent had used the "
            "store, whose library does not work in forked processes. Do this in the parent, start the process with "
            "multiprocessing's 'spawn' or 'forkserver', or let artifacts go through a tracking server."
        )


def _reason(error: Exception) -> str:
    """The store's error code, as in ``<Code>NoSuchBucket</Code>``, or 'no answer'."""
    text = str(error)
    code = text.partition("<Code>")[2].partition("</Code>")[0]
    return code or "no answer" if "HTTP error" in text or not code else code
