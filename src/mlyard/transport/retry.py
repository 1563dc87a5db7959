"""Which requests are retried, and after which pause."""

from __future__ import annotations

import random

import urllib3

_STATUSES = frozenset((408, 429, 502, 503, 504))
_ASKING = frozenset((429, 503))
_LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.1


def may_pass(answer: urllib3.BaseHTTPResponse) -> bool:
    """Whether the same request may succeed if it is sent again."""
    return answer.status in _STATUSES


def never_sent(error: Exception) -> bool:
    """Whether a request failed before any of it reached the server."""
    return isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))


def retry_after(answer: urllib3.BaseHTTPResponse) -> float:
    """The seconds that a busy server asks its client to wait, 0 if it does not. The header has a number or a date.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if answer.status not in _ASKING:
        return 0.0
    try:
        return urllib3.Retry().get_retry_after(answer) or 0.0
    except urllib3.exceptions.InvalidHeader:
        return 0.0


def pause(tries: int, asked: float = 0.0) -> float:
    """Seconds to wait after a number of failed tries: at least those ``asked`` for, up to a limit.

    The rest is random and grows with each try, so that clients do not all come back at the same moment.
    """
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**tries)
    return min(_LONGEST_PAUSE, asked) + random.uniform(0, longest)  # noqa: S311 - spreads retries, keeps no secret
