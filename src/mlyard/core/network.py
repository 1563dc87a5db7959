"""Sockets that servers listen on."""

from __future__ import annotations

import socket

from mlyard.core.errors import InvalidParameter


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises InvalidParameter that names the port and the way out."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InvalidParameter(
            f"Cannot listen on {host}:{port}: {error.strerror}. Stop what uses that port, or choose another: --port."
        ) from None
    listener.listen(1024)
    listener.set_inheritable(True)
    return listener


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        listen(host, port).close()
    except InvalidParameter:
        return False
    return True
