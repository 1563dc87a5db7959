"""Opens listening sockets, and serves an ASGI application until a signal stops it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn
from urllib.parse import urlsplit

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.domain.uris import SERVERS

_GRACE_SECONDS = 30


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises InvalidParameter if that fails, usually because the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InvalidParameter(
            f"Cannot listen on {host}:{port}: {error.strerror}. Stop the program that uses this port, "
            "or choose another with --port."
        ) from None
    listener.listen(1024)
    listener.set_inheritable(True)
    return listener


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on this port now."""
    try:
        listen(host, port).close()
    except InvalidParameter:
        return False
    return True


def is_address_of(url: str, port: int) -> bool:
    """Whether a URL leads to this machine and to this port of it."""
    parts = urlsplit(url)
    try:
        if (parts.port or SERVERS.get(parts.scheme)) != port or not parts.hostname:
            return False
        found = socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    return any(_is_own(family, address[0]) for family, _, _, _, address in found)


def _is_own(family: socket.AddressFamily, host: str | int) -> bool:
    """Whether an address is one of this machine: only there can a socket be bound."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


def serve_until_signal(app: Any, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, finish the requests in flight, and return."""
    uvicorn: Any = need("uvicorn", "server")
    from mlyard.hosting.connections import Connection

    config = uvicorn.Config(
        app,
        http=partial(Connection, settings.SERVER_IDLE_SECONDS.get()),
        log_level="warning",
        access_log=False,
        server_header=False,
        # No code here trusts a header about the origin of a request.
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    # Uvicorn would raise the signal again after its shutdown. The process would then end with the status of a signal,
    # although the shutdown was clean.
    server.capture_signals = lambda: _handled(server.handle_exit)
    server.run(sockets=[listener])


def leave(status: int) -> NoReturn:
    """End this process at once, even if some of its threads are still working.

    A model may hang in a prediction whose request has already timed out. Python would wait for that thread for ever.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


@contextmanager
def _handled(handler: Any) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
