"""A server's connections: what a client may send before its request is complete, and how long it may do nothing.

A client that stops in the middle of a request or of an answer would hold a connection, memory and an open file for
ever. No time that the server itself needs counts.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEADERS = 100
MAX_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""

_CHECKS = 4
"""How often a connection is looked at in the time that its client may do nothing."""


class Connection(HttpToolsProtocol):
    """One connection of a client.

    It is closed when the client lets ``idle`` seconds pass without sending a piece of the body or reading a piece of
    the answer. A request's head must be complete in that time, however many pieces it comes in.
    """

    def __init__(self, idle: float, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle = idle
        self._since = self.loop.time()  # the last time that something came of what the client did
        self._check: asyncio.TimerHandle | None = None
        self._requested = False  # whether there was a request, so that uvicorn has a cycle
        self._unsent = 0
        self._unparsed = 0  # bytes that the parser has been given since it last had a result
        self._head = 0
        self._headers = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the base class
        super().connection_made(transport)
        self._plan_check()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._check:
            self._check.cancel()

    def data_received(self, data: bytes) -> None:
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > MAX_HEAD and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._head = self._headers = 0
        self._since = self.loop.time()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers += 1
        self._count(len(name) + len(value) + len(": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._came()
        self._requested = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._came()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._came()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._too_large:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def resume_writing(self) -> None:
        self._since = self.loop.time()
        super().resume_writing()

    def _came(self) -> None:
        self._unparsed, self._since = 0, self.loop.time()

    def _count(self, size: int) -> None:
        self._head += size
        if self._too_large:
            raise ValueError("The request's head is too large.")  # stops the parser

    @property
    def _too_large(self) -> bool:
        return self._head > MAX_HEAD or self._headers > MAX_HEADERS

    def _plan_check(self) -> None:
        self._check = self.loop.call_later(self._idle / _CHECKS, self._look)

    def _look(self) -> None:
        """Close the connection if its client has done nothing for too long."""
        unsent, before = self.transport.get_write_buffer_size(), self._unsent
        self._unsent = unsent
        if unsent != before or not (unsent or self._awaits_client()):
            self._since = self.loop.time()
        elif self.loop.time() - self._since >= self._idle:
            self._give_up()
        self._plan_check()

    def _awaits_client(self) -> bool:
        """Whether the next step is the client's. Between two requests, uvicorn has a limit of its own."""
        if not self._requested:
            return True
        if not self.cycle.response_complete:
            return self.cycle.more_body and not self.flow.read_paused
        return self.cycle.more_body or self._unparsed > 0

    def _give_up(self) -> None:
        if self._unsent or self.transport.is_closing():
            self.transport.abort()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer the request that is being received, and close. No answer may follow a piece of another one."""
        cycle = self.cycle
        if self._requested and (cycle.response_started if cycle.more_body else not cycle.response_complete):
            self.transport.abort()
            return
        lines = (f"HTTP/1.1 {status} {status.phrase}", "content-length: 0", "connection: close", "", "")
        self.transport.write("\r\n".join(lines).encode())
        self.transport.close()
