"""Addresses of servers, and the credentials in them."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> tuple[str, str, int | None]:
    """The scheme, host and port of a URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without its credentials, and those of ``https://user:password@host``; None without any."""
    parts = urlsplit(url)
    inside, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = inside.partition(":")
    return parts._replace(netloc=host).geturl(), (unquote(user), unquote(password))
