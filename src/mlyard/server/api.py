"""The JSON endpoints as one ASGI application. One dictionary look-up finds the route.

Handlers run in threads, because the store is synchronous. Switching to a thread and back takes half of the time of a
small request. So the event loop itself hands new runs and what is logged to the store's writer, and runs that are asked
for at the same time are read together.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec
from starlette.types import Receive, Scope, Send

from mlyard.core.errors import (
    BodyTooLarge,
    EndpointNotFound,
    InvalidParameter,
    MethodNotAllowed,
    MlyardError,
    TemporarilyUnavailable,
    UnsupportedMediaType,
)
from mlyard.core.log import logger
from mlyard.server.deliveries import Deliveries
from mlyard.server.endpoints.context import Context, Handler, Handlers, ManyHandler, QuickHandler, Stream
from mlyard.server.gathering import Gathering
from mlyard.wire.errors import encode_error
from mlyard.wire.message import NOT_JSON, Message, check_utf8, decode, decode_fields, decode_query_string, encode
from mlyard.wire.routes import PREFIXES, ROUTES, WITH_SLASHES, Route

MAX_BODY = 16 * 1024 * 1024
_THREADS = 32
_log = logger("server")

AnyRoute = Route[Any, Any]


class _Endpoint(NamedTuple):
    route: AnyRoute
    handler: Handler
    quick: QuickHandler | None
    gathering: Gathering | None


class Api:
    """Answers the routes of the route table, below each of the prefixes."""

    def __init__(self, context: Context, handlers: Handlers) -> None:
        self._context = context
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="mlyard-api")
        self._deliveries = Deliveries()
        self._fixed: dict[str, dict[str, _Endpoint]] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], dict[str, _Endpoint]]] = {}
        for route in ROUTES:
            gathering = self._gathering(handlers.many_of(route, context))
            endpoint = _Endpoint(route, handlers.of(route), handlers.quick_of(route), gathering)
            for method in route.methods:
                self._methods_of(route)[method] = endpoint

    def close(self) -> None:
        """Finish running requests, and end the threads."""
        self._threads.shutdown()

    def owns(self, path: str) -> bool:
        """Whether a path belongs to the API, even if it is not an endpoint."""
        return _relative(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
            if isinstance(answer, Stream):
                await self._send_stream(send, answer)
                return
            status, body = 200, answer
        except MlyardError as error:
            status, body = error.status, encode_error(error)
        except Exception:  # noqa: BLE001 - the client gets an id to quote, the log has the traceback
            status, body = 500, encode_error(unexpected())
        await send_json(send, status, body)

    async def _send_stream(self, send: Send, stream: Stream) -> None:
        """Send chunks as they come. The first is made before the status is sent, so that it can still fail."""
        loop, chunks = asyncio.get_running_loop(), stream.chunks
        chunk = await loop.run_in_executor(self._threads, next, chunks, b"")
        headers = [(b"content-type", stream.media_type.encode()), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while chunk:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            chunk = await loop.run_in_executor(self._threads, next, chunks, b"")
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, receive: Receive) -> bytes | Stream:
        endpoint, fields = self._find(scope["method"], scope["path"])
        if scope["method"] == "GET":
            request = _from_query(scope, endpoint.route, fields)
        else:
            body = await read_body(scope, receive, MAX_BODY)
            request = _from_body(scope, body, endpoint.route, fields)
        if endpoint.gathering:
            answer: bytes = await endpoint.gathering.add(request)
            return answer
        quick = endpoint.quick
        submitted = quick.submit(self._context, request) if quick else None
        if quick and submitted:
            return encode(quick.answer(await self._deliveries.expect(submitted)))
        work = partial(self._run, endpoint.handler, request)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _run(self, handler: Handler, request: Message) -> bytes | Stream:
        answer = handler(self._context, request)
        return answer if isinstance(answer, Stream) else encode(answer)

    def _gathering(self, handler: ManyHandler | None) -> Gathering | None:
        if handler is None:
            return None

        def answer(requests: Sequence[Message]) -> list[bytes | MlyardError]:
            return [one if isinstance(one, MlyardError) else encode(one) for one in handler(requests)]

        return Gathering(answer, self._threads)

    def _methods_of(self, route: AnyRoute) -> dict[str, _Endpoint]:
        if "{" not in route.path:
            return self._fixed.setdefault(route.path, {})
        return self._patterns.setdefault(route.path, (_pattern(route.path), {}))[1]

    def _find(self, method: str, path: str) -> tuple[_Endpoint, dict[str, str]]:
        relative = _relative(path) or path
        fields: dict[str, str] = {}
        methods = self._fixed.get(relative)
        if methods is None:
            methods, fields = self._match(relative)
        if not methods:
            raise EndpointNotFound(f"There is no endpoint {path[:200]!r} on this server.")
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            raise MethodNotAllowed(f"{path[:200]} does not support {method}; use {' or '.join(sorted(methods))}.")
        return endpoint, fields

    def _match(self, relative: str) -> tuple[dict[str, _Endpoint] | None, dict[str, str]]:
        for pattern, methods in self._patterns.values():
            found = pattern.fullmatch(relative)
            if found:
                return methods, found.groupdict()
        return None, {}


def _pattern(path: str) -> re.Pattern[str]:
    """What matches a route's path. The path of a request has been decoded already, so a name may hold slashes."""

    def field(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{'.+' if found[1] in WITH_SLASHES else '[^/]+'})"

    return re.compile(re.sub(r"{(\w+)}", field, path), re.DOTALL)


def unexpected() -> MlyardError:
    """Log the exception that is being handled, and return an error for the client, without its details."""
    request_id = uuid.uuid4().hex
    _log.exception("Request %s failed", request_id)
    return MlyardError(f"An internal error occurred. The server's log has the details under request {request_id}.")


async def send_json(send: Send, status: int, body: bytes) -> None:
    """Send a complete JSON answer."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == TemporarilyUnavailable.status:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body of a request. Raises BodyTooLarge, without reading anything if Content-Length is too large."""
    too_large = BodyTooLarge(f"The request's body is over the limit of {limit} bytes. Send less at once.")
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced) > limit:
        raise too_large
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise InvalidParameter("The client disconnected before it had sent the whole request.")
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        more = event.get("more_body", False)
        if size > limit:
            raise too_large
    return b"".join(parts)


def header(scope: Scope, name: bytes) -> str:
    """The value of a header; '' if it is missing."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def _relative(path: str) -> str | None:
    for prefix in PREFIXES:
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
            return path[len(prefix) :]
    return None


def _from_query(scope: Scope, route: AnyRoute, fields: dict[str, str]) -> Message:
    request: Message = decode_query_string([*_pairs(scope["query_string"]), *fields.items()], route.request)
    return request


def _pairs(query: bytes) -> list[tuple[str, str]]:
    plain = query.decode("latin-1")
    check_utf8(unquote_to_bytes(plain), "query string")
    return parse_qsl(plain, keep_blank_values=True, max_num_fields=10_000)


def _from_body(scope: Scope, body: bytes, route: AnyRoute, fields: dict[str, str]) -> Message:
    if not body:
        return _from_query(scope, route, fields)
    check_content_type(header(scope, b"content-type"))
    request: Message
    if not fields:
        request = decode(body, route.request)
        return request
    check_utf8(body)
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
    except NOT_JSON as error:
        raise InvalidParameter(f"The request's body is not a JSON object: {error}") from None
    request = decode_fields({**given, **fields}, route.request)
    return request


def check_content_type(content_type: str) -> None:
    """Accept only JSON: browsers let pages of other sites send forms and plain text, but not JSON."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("The request's body must be JSON, with the header 'Content-Type: application/json'.")
