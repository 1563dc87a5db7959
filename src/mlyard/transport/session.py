"""An HTTP session with a tracking server."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Mapping
from typing import TypeVar
from urllib.parse import quote

import urllib3
from msgspec import structs

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, MlyardError, TemporarilyUnavailable
from mlyard.core.forks import Own
from mlyard.core.ids import new_request_id
from mlyard.core.unicode import not_unicode
from mlyard.core.version import __version__
from mlyard.transport import retry
from mlyard.transport.addresses import origin_of, split_credentials
from mlyard.transport.connections import open_pool, proxy_of, tls_options
from mlyard.wire.errors import decode_error, says_not_found
from mlyard.wire.message import Message, decode, encode, encode_fields, encode_query_string
from mlyard.wire.routes import API, REQUEST_ID, SERVER_INFO, Repeat, Route
from mlyard.wire.server_info import ServerInfo

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Session:
    """Calls routes of the server at ``base_url``. Safe to share between threads and forked processes."""

    def __init__(self, base_url: str, *, is_tracking: bool = True) -> None:
        """``is_tracking``: use the settings' credentials and certificates, which are for the tracking server only."""
        self.base_url, credentials = split_credentials(base_url.rstrip("/"))
        self._timeout = settings.HTTP_REQUEST_TIMEOUT.get()
        self._recognises: bool | None = None
        self._tries = 1 + max(0, settings.HTTP_REQUEST_MAX_RETRIES.get())
        # Redirects are not followed: they could lead to another server.
        proxy, timeout = proxy_of(self.base_url), urllib3.Timeout(self._timeout)
        tls = tls_options(is_tracking=is_tracking)
        self._pool = Own(lambda: open_pool(proxy, maxsize=10, retries=False, timeout=timeout, **tls))
        self._headers = {
            "User-Agent": f"mlyard-python/{__version__}",
            **(_basic(*credentials) if credentials else _authorization() if is_tracking else {}),
        }

    def call(self, route: Route[Req, Res], request: Req) -> Res:
        """Call a route. Raises the error that the server answers with."""
        method, path = route.methods[0], API + route.path
        if getattr(request, REQUEST_ID, "") is None:
            request = structs.replace(request, **{REQUEST_ID: new_request_id()})
        if "{" in path:
            fields = encode_fields(request)
            path = path.format_map({name: _quoted(value) for name, value in fields.items()})
        if method == "GET":
            answer = self.request(method, f"{path}?{encode_query_string(request)}")
        else:
            answer = self.request(method, path, encode(request), _JSON, route.repeat)
        return decode(answer.data, route.response)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: Repeat = Repeat.HARMLESS,
    ) -> urllib3.BaseHTTPResponse:
        """Send one request and read its whole answer; try again while the server is busy or cannot be reached.

        ``repeat``: what to do when an answer gets lost. With UNTIL_GONE, the answer may be that of a repetition, which
        says that nothing is there.

        Raises the server's error, or TemporarilyUnavailable when there is no answer.
        """
        lost = False
        for left in range(self._tries - 1, -1, -1):
            problem: MlyardError
            asked = 0.0
            try:
                answer = self._send(method, path, body, headers)
            except urllib3.exceptions.HTTPError as error:
                is_lost, problem = not retry.never_sent(error), self._unreachable(error)
            else:
                if answer.status < 300 or (lost and repeat is Repeat.UNTIL_GONE and says_not_found(answer.data)):
                    return answer
                is_lost, problem = retry.is_unknown(answer.status), decode_error(answer.status, answer.data)
                if not (is_lost or retry.is_refused(answer.status)):
                    raise problem
                asked = retry.retry_after(answer)
            lost = lost or is_lost
            if not left or (is_lost and repeat is Repeat.IF_RECOGNISED and not self._recognises_repetitions()):
                raise problem
            time.sleep(retry.pause(self._tries - left, asked))
        raise AssertionError("the last try returns or raises")

    def _recognises_repetitions(self) -> bool:
        """Whether the server says so. It is asked once, when it matters for the first time."""
        if self._recognises is None:
            try:
                info = decode(self.request("GET", API + SERVER_INFO).data, ServerInfo)
            except TemporarilyUnavailable:
                raise
            except MlyardError:  # a server that does not know the question
                info = ServerInfo()
            self._recognises = info.recognises_repetitions
        return self._recognises

    def stream(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Send one request whose body or answer may not fit in memory. The caller reads and releases the answer."""
        url = f"{self.base_url}{path}"
        try:
            answer = self._pool.get().request(
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
        return self._pool.get().request(
            method, f"{self.base_url}{path}", body=body, headers=all_headers, redirect=False
        )

    def _unreachable(self, error: Exception) -> TemporarilyUnavailable:
        if not retry.never_sent(error):
            return TemporarilyUnavailable(
                f"The tracking server at {self.base_url} gave no answer: {error}. "
                "It may have done what it was asked to do."
            )
        return TemporarilyUnavailable(
            f"The tracking server at {self.base_url} cannot be reached: {error}. "
            "Is it running, and is MLYARD_TRACKING_URI right?"
        )


def session_with(url: str, tracking: Session | None) -> Session:
    """A session with a server of artifacts. Only if it has the tracking server's origin, it gets its credentials."""
    if tracking and url.rstrip("/") == tracking.base_url:
        return tracking
    return Session(url, is_tracking=tracking is not None and origin_of(url) == origin_of(tracking.base_url))


def _quoted(value: object) -> str:
    """A name as one step of a path: not even '..' leads out of it."""
    try:
        quoted = quote(str(value), safe="")
    except UnicodeEncodeError as error:
        raise not_unicode(error) from None
    return quoted.replace(".", "%2E") if quoted in {".", ".."} else quoted


def _authorization() -> dict[str, str]:
    token, user = settings.TRACKING_TOKEN.get(), settings.TRACKING_USERNAME.get()
    if token:
        return {"Authorization": f"Bearer {token}"}
    if not user:
        return {}
    password = settings.TRACKING_PASSWORD.get()
    if password is None:
        raise InvalidParameter("MLYARD_TRACKING_USERNAME is set but MLYARD_TRACKING_PASSWORD is not: set both.")
    return _basic(user, password)


def _basic(user: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
