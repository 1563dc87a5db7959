"""The API without sockets: a session whose requests are answered in this process, in the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from msgspec import structs

from mlyard.core.errors import MlyardError
from mlyard.core.ids import new_request_id
from mlyard.server.endpoints import all_handlers
from mlyard.server.endpoints.context import Context, Stream
from mlyard.wire.errors import decode_error, encode_error
from mlyard.wire.message import Message, decode, decode_query_string, encode, encode_query_string
from mlyard.wire.routes import API, REQUEST_ID, ROUTES, Route


class _Streamed(BytesIO):
    def release_conn(self) -> None:
        self.close()


class InProcess:
    """What stores need of a ``Session``."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._handlers = all_handlers()

    def call(self, route: Route[Any, Any], request: Any) -> Any:
        if getattr(request, REQUEST_ID, "") is None:
            request = structs.replace(request, **{REQUEST_ID: new_request_id()})
        return decode(self._answer(route, _sent(route, request)), route.response)

    def stream(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> _Streamed:
        route = next(each for each in ROUTES if each.methods[0] == method and API + each.path == path)
        return _Streamed(self._answer(route, decode(body, route.request)))

    def _answer(self, route: Route[Any, Any], request: Message) -> bytes:
        try:
            answer = self._handlers.of(route)(self._context, request)
        except MlyardError as error:
            raise decode_error(error.status, encode_error(error)) from None
        return b"".join(answer.chunks) if isinstance(answer, Stream) else encode(answer)


def _sent(route: Route[Any, Any], request: Message) -> Any:
    if route.methods[0] == "GET":
        return decode_query_string(parse_qsl(encode_query_string(request), keep_blank_values=True), route.request)
    return decode(encode(request), route.request)
