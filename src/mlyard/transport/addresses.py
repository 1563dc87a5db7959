"""Addresses of servers, and the credentials in them."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from mlyard.core.errors import InvalidParameter
from mlyard.domain.uris import SERVERS


def origin_of(url: str) -> tuple[str, str, int | None]:
    """The scheme, host and port of a URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or SERVERS.get(parts.scheme)


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without its credentials, and those of ``https://user:password@host``; None without any.

    Raises InvalidParameter.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise InvalidParameter(
            f"The server's address {url!r} is not valid: write http://<host>:<port>. Special characters in a user or a "
            "password must be percent-encoded, such as '/' as %2F."
        ) from None
    inside, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = inside.partition(":")
    return parts._replace(netloc=host).geturl(), (unquote(user), unquote(password))
