"""A large file's way through a tracking server: in parts, so that a cut costs one part and not the file."""

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
"""Bytes of the first thousand parts; of the next it is twice that, and so on: 10,000 parts hold 880 GB."""

AT_ONCE = 4
"""Parts on their way at the same time, each on a connection of its own."""

_JSON = {"Content-Type": "application/json"}
UNKNOWN_THERE = (404, 405, 501)
"""How a server answers to what it does not know."""


class HttpUpload:
    """One upload; each part is kept in memory until the server has it."""

    def __init__(self, session: Session, path: str, upload_id: str) -> None:
        self._session = session
        self._path = path
        self._id = upload_id

    @classmethod
    def begin(cls, session: Session, path: str) -> HttpUpload | None:
        """None when the server, MLflow's for one, takes no parts."""
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
        """The whole file, or nothing. Raises what a part's last try raises."""
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
        """Number and tag of each part, some on their way at once."""
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
