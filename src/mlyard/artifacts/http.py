"""Artifacts that a tracking server proxies: ``mlflow-artifacts:`` URIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import urllib3

from mlyard.artifacts import bundle
from mlyard.artifacts.content import CHUNK, whole_or_chunks
from mlyard.artifacts.http_upload import UNKNOWN_THERE, HttpUpload
from mlyard.artifacts.in_parts import PART
from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core.errors import InvalidParameter, MlyardError, NotSupported, TemporarilyUnavailable
from mlyard.domain.artifacts import FileInfo
from mlyard.ports.artifacts import Bundles, Content, DirectAccess, OpenArtifact, PartedUploads, Unfinished
from mlyard.transport.session import Session
from mlyard.wire.artifacts import FilesAnswer, decode_files
from mlyard.wire.message import decode
from mlyard.wire.routes import BUNDLES, PROXY, Repeat

_BUNDLE = {"Content-Type": bundle.MEDIA_TYPE}
_PARTIAL = 206
_BEYOND_ITS_END = 416


class HttpArtifactStore:
    """ports.ArtifactStore below ``root``, a path on the server that the session calls."""

    direct: DirectAccess | None = None
    parts: PartedUploads | None = None

    def __init__(self, session: Session, root: str) -> None:
        self._session = session
        self._root = check_path(root.strip("/"))
        self.bundles: Bundles | None = _HttpBundles(session, self._root)

    def list(self, path: str = "") -> list[FileInfo]:
        """See ports.ArtifactStore. Checks the names in the answer, so that a server cannot point outside the root."""
        answer = self._session.request("GET", f"{PROXY}?{urlencode({'path': self._full(check_path(path))})}")
        found = decode_files(decode(answer.data, FilesAnswer))
        return [
            FileInfo(path=_joined(path, check_file_path(f.path)), is_dir=f.is_dir, file_size=f.file_size) for f in found
        ]

    @contextmanager
    def open(self, path: str, start: int = 0, stop: int | None = None) -> Iterator[OpenArtifact]:
        """See ports.ArtifactStore."""
        try:
            answer = self._session.stream("GET", self._url(path), headers=_range(start, stop))
        except MlyardError as error:
            if error.status != _BEYOND_ITS_END:
                raise
            yield OpenArtifact(None, iter(()))
            return
        try:
            yield OpenArtifact(_size(answer), _part(_chunks(answer, path), answer.status, start, stop))
        finally:
            answer.release_conn()

    def put(self, path: str, content: Content, size: int | None = None) -> None:
        """See ports.ArtifactStore. Sends large files in parts, so that a failure repeats one part only."""
        plain = check_file_path(path)
        whole, chunks = whole_or_chunks(content, PART)
        if whole is not None:
            self._session.request("PUT", self._url(plain), whole)
            return
        upload = HttpUpload.begin(self._session, self._full(plain))
        if upload is None:
            size = content.stat().st_size if isinstance(content, Path) else size
            headers = {} if size is None else {"Content-Length": str(size)}
            self._session.stream("PUT", self._url(plain), chunks, headers).release_conn()
        else:
            upload.send(chunks)

    def delete(self, path: str) -> None:
        """See ports.ArtifactStore."""
        self._session.request("DELETE", self._url(path), repeat=Repeat.UNTIL_GONE)

    def unfinished(self) -> Sequence[Unfinished]:
        """See ports.ArtifactStore. Always empty: only the server's owner cleans up behind it."""
        return ()

    def drop(self, unfinished: Unfinished) -> None:
        """See ports.ArtifactStore. Raises InvalidParameter."""
        raise InvalidParameter(
            f"The unfinished upload of {unfinished.path!r} is stored by a server: "
            "the server's owner can remove it with mlyard gc."
        )

    def _url(self, path: str) -> str:
        return f"{PROXY}/{quote(self._full(check_file_path(path)))}"

    def _full(self, path: str) -> str:
        return _joined(self._root, path)


class _HttpBundles:
    """ports.Bundles."""

    def __init__(self, session: Session, root: str) -> None:
        self._session = session
        self._url = f"{BUNDLES}/{quote(root)}"

    def put_many(self, files: Mapping[str, bytes]) -> None:
        """See ports.Bundles. Raises NotSupported when the server does not accept bundles; MLflow's does not."""
        try:
            self._session.request("POST", self._url, bundle.encode(files), _BUNDLE)
        except MlyardError as error:
            if error.status not in UNKNOWN_THERE:
                raise
            raise NotSupported(f"The server at {self._session.base_url} does not accept bundles of files.") from None


def _joined(folder: str, path: str) -> str:
    return "/".join(part for part in (folder, path) if part)


def _range(start: int, stop: int | None) -> dict[str, str]:
    if not start and stop is None:
        return {}
    return {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}


def _size(answer: urllib3.BaseHTTPResponse) -> int | None:
    """The size of the whole file in bytes. For a part, it follows the slash in ``Content-Range``."""
    whole = answer.headers.get("Content-Range", "").rpartition("/")[2] or answer.headers.get("Content-Length", "")
    return int(whole) if whole.isdigit() and not answer.headers.get("Content-Encoding") else None


def _part(chunks: Iterator[bytes], status: int, start: int, stop: int | None) -> Iterator[bytes]:
    """The requested part of the file, cut out here if the server ignored the range and sent the whole file."""
    if status == _PARTIAL:
        yield from chunks
        return
    place = 0
    for chunk in chunks:
        first, last = max(0, start - place), None if stop is None else max(0, stop - place)
        if requested := chunk[first:last]:
            yield requested
        place += len(chunk)


def _chunks(answer: urllib3.BaseHTTPResponse, path: str) -> Iterator[bytes]:
    try:
        yield from answer.stream(CHUNK)
    except urllib3.exceptions.HTTPError as error:
        raise TemporarilyUnavailable(f"The download of {path!r} was interrupted: {error}. Try again.") from None
