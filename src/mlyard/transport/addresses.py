"""Addresses of servers, and the credentials in them."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without its credentials, and those of ``https://user:password@host``; None without any."""
    parts = urlsplit(url)
    inside, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = inside.partition(":")
    return parts._replace(netloc=host).geturl(), (unquote(user), unquote(password))
