"""One HTTP session to one server."""

from __future__ import annotations

import base64
import random
import threading
from collections.abc import Iterable, Mapping
from typing import TypeVar
from urllib.parse import quote

import urllib3
from msgspec import structs

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable
from mlyard.core.ids import new_request_id
from mlyard.core.version import __version__
from mlyard.wire.errors import decode_error
from mlyard.wire.message import Message, decode, encode, encode_fields, encode_query_string
from mlyard.wire.routes import API, Route

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

_RETRIED = frozenset((408, 429, 502, 503, 504))
_LONGEST_WAIT = 30.0
_REQUEST_ID = "request_id"
_IDEMPOTENT = (
    "/search",
    "/log-batch",
    "/log-metric",
    "/log-parameter",
    "/log-inputs",
    "/outputs",
    "/heartbeat",
    "/set-tag",
    "/set-experiment-tag",
    "/update",
    "/search-datasets",
)
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Session:
    """Calls routes of the server at ``base_url``. Safe to share between threads."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = settings.HTTP_REQUEST_TIMEOUT.get()
        self._tries = 1 + max(0, settings.HTTP_REQUEST_MAX_RETRIES.get())
        # Redirects are refused: an answer from elsewhere is not this server's.
        self._pool = urllib3.PoolManager(maxsize=10, retries=False, timeout=urllib3.Timeout(self._timeout))
        self._headers = {"User-Agent": f"mlyard-python/{__version__}", **_authorization()}
        self._stop = threading.Event()

    def call(self, route: Route[Req, Res], request: Req) -> Res:
        """Call a route. Raises the error that the server's answer stands for."""
        method, path = route.methods[0], API + route.path
        if getattr(request, _REQUEST_ID, "") is None:
            request = structs.replace(request, **{_REQUEST_ID: new_request_id()})
        if "{" in path:
            fields = encode_fields(request)
            path = path.format_map({name: _quoted(value) for name, value in fields.items()})
        if method == "GET":
            answer = self.request(method, f"{path}?{encode_query_string(request)}")
        else:
            repeatable = hasattr(request, _REQUEST_ID) or path.endswith(_IDEMPOTENT)
            answer = self.request(method, path, encode(request), _JSON, repeatable=repeatable)
        return decode(answer.data, route.response)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        repeatable: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """One request with its whole answer, tried again while the server is away or busy.

        ``repeatable``: doing it twice is the same as doing it once; GET always is.
        Raises the error that the answer stands for; TemporarilyUnavailable when there is none.
        """
        for left in range(self._tries - 1, -1, -1):
            try:
                answer = self._send(method, path, body, headers)
            except urllib3.exceptions.HTTPError as error:
                # A request that may have arrived is repeated only where that changes nothing.
                if not left or not (repeatable or method == "GET" or _never_sent(error)):
                    raise self._unreachable(error) from None
            else:
                if answer.status < 300:
                    return answer
                if not left or answer.status not in _RETRIED:
                    raise decode_error(answer.status, answer.data)
            self._stop.wait(_pause(self._tries - left))
        raise AssertionError("the last try returns or raises")

    def stream(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """One request whose body or answer does not fit in memory; the caller reads and releases it."""
        url = f"{self.base_url}{path}"
        try:
            answer = self._pool.request(
                method,
                url,
                body=body,
                headers={**self._headers, **(headers or {})},
                preload_content=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise self._unreachable(error) from None
        if answer.status >= 300:
            problem = decode_error(answer.status, answer.data)
            answer.release_conn()
            raise problem
        return answer

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> urllib3.BaseHTTPResponse:
        all_headers = {**self._headers, **(headers or {})}
        return self._pool.request(method, f"{self.base_url}{path}", body=body, headers=all_headers, redirect=False)

    def _unreachable(self, error: Exception) -> TemporarilyUnavailable:
        return TemporarilyUnavailable(
            f"The tracking server at {self.base_url} cannot be reached: {error}. "
            "Is it running, and is MLYARD_TRACKING_URI right?"
        )


def _never_sent(error: Exception) -> bool:
    return isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))


def _pause(tries: int) -> float:
    longest: float = min(_LONGEST_WAIT, 0.1 * 2**tries)
    return random.uniform(0, longest)  # noqa: S311 - spreads retries, keeps no secret


def _quoted(value: object) -> str:
    return quote(str(value), safe="")


def _authorization() -> dict[str, str]:
    token, user = settings.TRACKING_TOKEN.get(), settings.TRACKING_USERNAME.get()
    if token:
        return {"Authorization": f"Bearer {token}"}
    if not user:
        return {}
    password = settings.TRACKING_PASSWORD.get()
    if password is None:
        raise InvalidParameter("MLYARD_TRACKING_USERNAME is set and MLYARD_TRACKING_PASSWORD is not: set both.")
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
