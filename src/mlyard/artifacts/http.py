"""Artifacts that a tracking server proxies: ``mlflow-artifacts:`` URIs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import urllib3

from mlyard.artifacts.local import CHUNK
from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core.errors import TemporarilyUnavailable
from mlyard.domain.artifacts import FileInfo
from mlyard.ports.artifacts import OpenArtifact
from mlyard.transport.session import Session
from mlyard.wire.artifacts import FilesAnswer, from_files
from mlyard.wire.message import decode
from mlyard.wire.routes import PROXY


class HttpArtifactStore:
    """ports.ArtifactStore below ``root``, a path on the server that the session calls."""

    def __init__(self, session: Session, root: str) -> None:
        self._session = session
        self._root = check_path(root.strip("/"))

    def list(self, path: str = "") -> list[FileInfo]:
        """See ports.ArtifactStore. Names in the answer are checked: a server cannot point outside."""
        answer = self._session.request("GET", f"{PROXY}?{urlencode({'path': self._full(check_path(path))})}")
        found = from_files(decode(answer.data, FilesAnswer))
        return [
            FileInfo(path=_joined(path, check_file_path(f.path)), is_dir=f.is_dir, file_size=f.file_size) for f in found
        ]

    @contextmanager
    def open(self, path: str) -> Iterator[OpenArtifact]:
        """See ports.ArtifactStore."""
        answer = self._session.stream("GET", self._url(path))
        announced = answer.headers.get("Content-Length")
        size = int(announced) if announced and not answer.headers.get("Content-Encoding") else None
        try:
            yield OpenArtifact(size, _chunks(answer, path))
        finally:
            answer.release_conn()

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        """See ports.ArtifactStore."""
        self._session.stream("PUT", self._url(path), chunks).release_conn()

    def delete(self, path: str) -> None:
        """See ports.ArtifactStore."""
        self._session.request("DELETE", self._url(path))

    def _url(self, path: str) -> str:
        return f"{PROXY}/{quote(self._full(check_file_path(path)))}"

    def _full(self, path: str) -> str:
        return _joined(self._root, path)


def _joined(folder: str, path: str) -> str:
    return "/".join(part for part in (folder, path) if part)


def _chunks(answer: urllib3.BaseHTTPResponse, path: str) -> Iterator[bytes]:
    try:
        yield from answer.stream(CHUNK)
    except urllib3.exceptions.HTTPError as error:
        raise TemporarilyUnavailable(f"The download of {path!r} broke off: {error}. Try again.") from None
