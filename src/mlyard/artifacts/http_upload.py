"""Uploads of large files through a tracking server, in parts: an interruption costs one part, not the file."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote, urlencode

from mlyard.artifacts.in_parts import send_in_parts
from mlyard.core.errors import MlyardError
from mlyard.transport.session import Session
from mlyard.wire import artifacts as wire
from mlyard.wire.message import Message, decode, encode
from mlyard.wire.routes import UPLOADS, Repeat

_JSON = {"Content-Type": "application/json"}
UNKNOWN_THERE = (404, 405, 501)
"""Statuses of servers that do not know an endpoint."""


class HttpUpload:
    """One upload. Each part is kept in memory until the server has confirmed it."""

    def __init__(self, session: Session, path: str, upload_id: str) -> None:
        self._session = session
        self._path = path
        self._id = upload_id

    @classmethod
    def begin(cls, session: Session, path: str) -> HttpUpload | None:
        """Begin an upload; None when the server does not accept parts. MLflow's does not."""
        folder, _, name = path.rpartition("/")
        body = encode(wire.BeginUpload(path=name))
        try:
            answer = session.request("POST", f"{UPLOADS}/begin/{quote(folder)}", body, _JSON)
        except MlyardError as error:
            if error.status in UNKNOWN_THERE:
                return None
            raise
        return cls(session, path, decode(answer.data, wire.UploadAnswer).upload_id)

    def send(self, chunks: Iterable[bytes]) -> None:
        """Send the whole file. If a part fails after all its retries, abort the upload and raise that part's error."""
        try:
            tags = send_in_parts(chunks, self._put)
            done = [wire.UploadedPart(part_number=number, etag=tag) for number, tag in tags.items()]
            self._end("complete", wire.CompleteUpload(path=self._name, upload_id=self._id, parts=done))
        except BaseException:
            with suppress(MlyardError):
                self._end("abort", wire.AbortUpload(path=self._name, upload_id=self._id))
            raise

    @property
    def _name(self) -> str:
        return self._path.rpartition("/")[2]

    def _put(self, number: int, start: int, block: bytes) -> str:
        query = urlencode({"upload_id": self._id, "part_number": number, "start": start})
        url = f"{UPLOADS}/part/{quote(self._path)}?{query}"
        answer = self._session.request("PUT", url, block)
        return decode(answer.data, wire.PartAnswer).etag

    def _end(self, how: str, body: Message) -> None:
        folder = quote(self._path.rpartition("/")[0])
        self._session.request("POST", f"{UPLOADS}/{how}/{folder}", encode(body), _JSON, Repeat.UNTIL_GONE)
