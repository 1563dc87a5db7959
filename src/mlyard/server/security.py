"""Which host names the server answers to, and which web origins may call it from a browser.

A page of another site must not be able to call a server on the user's machine, neither by its address nor by a
host name that resolves to it (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlyard.core.errors import PermissionDenied
from mlyard.server.api import header, send_json
from mlyard.wire.errors import encode_error

_LOCAL = ("localhost", "127.0.0.1", "::1")
_OPEN_PATHS = ("/health",)
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"600"),
]
_HEADERS = [(b"x-frame-options", b"SAMEORIGIN"), (b"referrer-policy", b"same-origin"), (b"vary", b"Origin")]


@dataclass(frozen=True)
class Policy:
    """The allowed ``hosts`` and ``origins`` in addition to the server's own; '*' allows all."""

    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @lru_cache(maxsize=1024)  # noqa: B019 - a policy lives as long as its server
    def allows_host(self, host: str) -> bool:
        """Whether a Host header is allowed. IP addresses always are: they involve no name that could be rebound."""
        name = _host_name(host)
        return "*" in self.hosts or name in _LOCAL or host in self.hosts or name in self.hosts or _is_address(name)

    def allows_origin(self, origin: str, host: str) -> bool:
        """Whether a page of ``origin`` may call the server as ``host``."""
        if "*" in self.origins or origin in self.origins:
            return True
        return origin in {f"http://{host}", f"https://{host}"}


class Guard:
    """ASGI middleware that refuses unknown hosts and origins, and adds headers to every answer."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle or refuse a request."""
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        host, origin = header(scope, b"host"), header(scope, b"origin")
        if not self._policy.allows_host(host):
            await _refuse(
                send, f"This server does not accept requests for the host {host!r}. Allow it with --allowed-hosts."
            )
        elif origin and not self._policy.allows_origin(origin, host):
            await _refuse(
                send, f"Pages of {origin!r} may not call this server. Allow them with --cors-allowed-origins."
            )
        elif origin and scope["method"] == "OPTIONS":
            await _answer_preflight(_adding(send, origin))
        else:
            await self._app(scope, receive, _adding(send, origin))


def _adding(send: Send, origin: str) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(b"access-control-allow-origin", origin.encode("latin-1"))] if origin else []
            message = {**message, "headers": [*message["headers"], *_HEADERS, *extra]}
        await send(message)

    return add


async def _answer_preflight(send: Send) -> None:
    """Tell a browser that an allowed page may send JSON, and by which methods."""
    await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(send: Send, problem: str) -> None:
    error = PermissionDenied(problem)
    await send_json(send, error.status, encode_error(error))


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
