"""The scoring server as an ASGI application, without a framework: a framework would slow down each request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Any

import msgspec

from mlyard.core.errors import (
    BodyTooLarge,
    EndpointNotFound,
    MethodNotAllowed,
    MlyardError,
    TemporarilyUnavailable,
)
from mlyard.core.log import logger
from mlyard.core.version import MLFLOW_VERSION
from mlyard.models.body.content_type import JSON, content_type
from mlyard.models.pyfunc import PyFuncModel
from mlyard.scoring import openapi, page
from mlyard.scoring.metrics import Metrics
from mlyard.scoring.requests import Scoring, ScoringOptions
from mlyard.wire.errors import encode_error

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_log = logger("scoring")
Headers = list[tuple[bytes, bytes]]
Page = Callable[[], tuple[bytes, Headers, str]]


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


class RequestTimeout(MlyardError):
    """The request's body did not arrive in time."""

    error_code = "DEADLINE_EXCEEDED"
    status = 408


class ScoringApp:
    """Serves one loaded model. ``example``: a request body to show. ``begin``: called first in the event loop."""

    def __init__(
        self,
        model: PyFuncModel,
        options: ScoringOptions,
        metrics: Metrics,
        example: Any = None,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._begin = begin
        self._options = options
        self._metrics = metrics
        self._scoring = Scoring(model, options, metrics)
        document = msgspec.json.encode(openapi.document(model, example))
        people = page.page(model, example)
        self._pages: dict[str, Page] = {
            "/ping": lambda: (b"\n", [], JSON),
            "/health": lambda: (b"\n", [], JSON),
            "/version": lambda: (MLFLOW_VERSION.encode(), [], JSON),
            "/openapi.json": lambda: (document, [], JSON),
            "/docs": lambda: (people, [(b"content-security-policy", page.POLICY.encode())], "text/html; charset=utf-8"),
            "/metrics": lambda: (metrics.text().encode(), [], _PROMETHEUS),
        }

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """https://asgi.readthedocs.io/en/latest/specs/www.html"""
        if scope["type"] == "http":
            if scope["path"] == "/invocations" and scope["method"] == "POST":
                await self._invocations(scope, receive, send)
            else:
                await self._page(scope, send)
        elif scope["type"] == "lifespan":
            self._begin()
            await _lifespan(receive, send)

    async def _invocations(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        start = perf_counter()
        self._metrics.began()
        status, headers = 500, []
        try:
            content = await self._predictions(scope, receive)
            status = 200
        except ClientGone:
            status = 400
            return
        except MlyardError as error:
            status, content = error.status, encode_error(error)
            headers = _error_headers(error)
        except Exception:  # noqa: BLE001 - a failed request must not stop the server
            _log.exception("A request failed")
            content = encode_error(MlyardError("The server failed on this request. See its log for details."))
        finally:
            self._metrics.ended(status, perf_counter() - start)
        await _send(send, status, content, headers)

    async def _predictions(self, scope: dict[str, Any], receive: Any) -> bytes:
        kind, length = "", b""
        for name, value in scope["headers"]:
            if name == b"content-type":
                kind = value.decode("latin-1")
            elif name == b"content-length":
                length = value
        media_type = content_type(kind)
        self._scoring.admit()
        try:
            body = await self._body(receive, length)
            return await self._scoring.answer(body, media_type)
        finally:
            self._scoring.dismiss()

    async def _body(self, receive: Any, length: bytes) -> bytes:
        if length.isdigit() and int(length) > self._options.max_body:
            raise self._too_large()
        task, late = asyncio.current_task(), False
        assert task is not None

        def expire() -> None:
            nonlocal late
            late = True
            task.cancel()

        # asyncio.wait_for() would create a task; a timer takes only a microsecond.
        timer = asyncio.get_running_loop().call_later(self._options.timeout, expire)
        try:
            return await self._whole(receive)
        except asyncio.CancelledError:
            if not late:
                raise
            seconds = self._options.timeout
            raise RequestTimeout(f"The request's body did not arrive within {seconds:g} seconds.") from None
        finally:
            timer.cancel()

    async def _whole(self, receive: Any) -> bytes:
        message = await _next(receive)
        first: bytes = message["body"]
        if not message.get("more_body"):
            return first
        body = bytearray(first)
        while message.get("more_body"):
            message = await _next(receive)
            body += message["body"]
            if len(body) > self._options.max_body:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The request's body exceeds the limit of {self._options.max_body} bytes: send fewer rows.")

    async def _page(self, scope: dict[str, Any], send: Any) -> None:
        found = self._pages.get(scope["path"])
        error: MlyardError | None = None
        if found is None and scope["path"] != "/invocations":
            error = EndpointNotFound(
                f"There is nothing at {scope['path'][:200]!r}. For predictions: POST /invocations."
            )
        elif found is None or scope["method"] not in {"GET", "HEAD"}:
            error = MethodNotAllowed(f"{scope['path']} only accepts {'GET' if found else 'POST'}.")
        if error is not None:
            await _send(send, error.status, encode_error(error), _error_headers(error))
        elif found is not None:
            await _send(send, 200, *found())


def _error_headers(error: MlyardError) -> Headers:
    if isinstance(error, TemporarilyUnavailable):
        return [(b"retry-after", b"1"), (b"connection", b"close")]
    # The rest of the body is not read, so the connection cannot be used again.
    return [(b"connection", b"close")] if error.status in {404, 405, 408, 413, 415} else []


async def _next(receive: Any) -> Any:
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGone
    return message


async def _send(send: Any, status: int, content: bytes, headers: Headers, media: str = JSON) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media.encode()),
                (b"content-length", str(len(content)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
