"""Uploads of large files through a tracking server, in parts: an interruption costs one part, not the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from urllib.parse import quote, urlencode

from mlyard.artifacts.content import blocks_of
from mlyard.core.errors import MlyardError
from mlyard.transport.session import Session
from mlyard.wire import artifacts as wire
from mlyard.wire.message import Message, decode, encode
from mlyard.wire.routes import UPLOADS

PART = 16 * 1024 * 1024
"""Bytes in each of the first 1,000 parts; the next 1,000 have twice that, and so on. 10,000 parts hold 880 GB."""

AT_ONCE = 4
"""Parts sent at the same time, each on its own connection."""

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
            answer = session.request("POST", f"{UPLOADS}/begin/{quote(folder)}", body, _JSON, idempotent=True)
        except MlyardError as error:
            if error.status in UNKNOWN_THERE:
                return None
            raise
        return cls(session, path, decode(answer.data, wire.UploadAnswer).upload_id)

    def send(self, chunks: Iterable[bytes]) -> None:
        """Send the whole file. If a part fails after all its retries, abort the upload and raise that part's error."""
        try:
            tags = dict(self._parts(chunks))
            done = [wire.UploadedPart(part_number=number, etag=tag) for number, tag in tags.items()]
            self._end("complete", wire.CompleteUpload(path=self._name, upload_id=self._id, parts=done))
        except BaseException:
            with suppress(MlyardError):
                self._end("abort", wire.AbortUpload(path=self._name, upload_id=self._id))
            raise

    @property
    def _name(self) -> str:
        return self._path.rpartition("/")[2]

    def _parts(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, str]]:
        """Send the parts, several at a time; yields the number and tag of each."""
        sizes = (PART * (1 + number // 1000) for number in count())
        start, waiting = 0, deque[Future[tuple[int, str]]]()
        with ThreadPoolExecutor(AT_ONCE, "mlyard-parts") as pool:
            for number, block in enumerate(blocks_of(chunks, sizes), start=1):
                if len(waiting) == AT_ONCE:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(self._put, number, start, block))
                start += len(block)
            for sent in waiting:
                yield sent.result()

    def _put(self, number: int, start: int, block: bytes) -> tuple[int, str]:
        query = urlencode({"upload_id": self._id, "part_number": number, "start": start})
        url = f"{UPLOADS}/part/{quote(self._path)}?{query}"
        answer = self._session.request("PUT", url, block, idempotent=True)
        return number, decode(answer.data, wire.PartAnswer).etag

    def _end(self, how: str, body: Message) -> None:
        folder = quote(self._path.rpartition("/")[0])
        self._session.request("POST", f"{UPLOADS}/{how}/{folder}", encode(body), _JSON)
