"""Removes secrets from texts that people read: messages of errors, log lines, the output of commands."""

from __future__ import annotations

import re

MASK = "***"

# The user and the password of a URL. A password may contain what should have been percent-encoded, so it reaches up to
# the last '@' before a space or a quote. What follows the host may be a port.
_PASSWORD = re.compile(r"(?P<start>://)[^\s/@:'\"]*:(?!\d+(?:[/?#\s'\"),.;]|$))[^\s'\"]*(?P<end>@)")
_DIGITS = re.compile(r"(?P<start>://)[^\s/@:'\"]*:\d+(?P<end>@)")
# A user alone may be a token, but not in ssh://git@host, postgresql://user@host or abfss://container@account.
_TOKEN = re.compile(r"(?P<start>https?://)[^\s/@'\"]+(?P<end>@)", re.IGNORECASE)
# The same without a scheme, as it is written by mistake. In a path, only what has the name of a host after it.
_BARE = re.compile(r"(?P<start>(?:^|[\s'\"])[\w.+-]+:|/[\w.+-]+:(?=[^\s/@:'\"]+@[\w-]+\.))[^\s/@:'\"]+(?P<end>@)")
_NAMED = re.compile(
    r"(?P<start>(?:^|[?&;\s'\"])[\w.-]*(?:password|passwd|pwd|token|secret|signature|\bsig|credential|access-?_?key(?:-?_?id)?"
    r"|api-?_?key)=)[^\s&;#'\"*][^\s&;#'\"]*(?P<end>)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?P<start>authorization['\"]?\s*[:=]\s*b?['\"]?(?:basic|bearer)\s+)[^\s'\"*]+(?P<end>)", re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """The text without credentials in URLs, values of parameters such as ``password=``, and authorization headers."""
    if "@" in text and "://" in text:
        for pattern in (_PASSWORD, _DIGITS, _TOKEN):
            text = pattern.sub(rf"\g<start>{MASK}\g<end>", text)
    if "@" in text:
        text = _BARE.sub(rf"\g<start>{MASK}\g<end>", text)
    if "=" in text or ":" in text:
        for pattern in (_NAMED, _HEADER):
            text = pattern.sub(rf"\g<start>{MASK}\g<end>", text)
    return text
