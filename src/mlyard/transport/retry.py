"""Which requests are retried, and after which pause."""

from __future__ import annotations

import random

import urllib3

# The server, or a proxy in front of it, refused the request, so that nothing was done.
_REFUSED = frozenset((408, 429, 503))
# A proxy got no usable answer from the server, which may have done the request.
_UNKNOWN = frozenset((502, 504))
_ASKING = frozenset((429, 503))
_LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.1


def is_refused(status: int) -> bool:
    """Whether an answer says that nothing was done, and that the same request may succeed later."""
    return status in _REFUSED


def is_unknown(status: int) -> bool:
    """Whether nobody knows from an answer if the request was done."""
    return status in _UNKNOWN


def never_sent(error: Exception) -> bool:
    """Whether a request failed before any of it reached the server."""
    return isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))


def retry_after(answer: urllib3.BaseHTTPResponse) -> float:
    """The seconds that a busy server asks its client to wait; 0 if it does not ask, or not in a form that can be read.

    The header has a number of seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if answer.status not in _ASKING:
        return 0.0
    try:
        return urllib3.Retry().get_retry_after(answer) or 0.0
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        # ValueError and OverflowError: numbers of more than 4,300 digits, and years that Python cannot represent.
        return 0.0


def pause(tries: int, asked: float = 0.0) -> float:
    """Seconds to wait after a number of failed tries: those ``asked`` for, but at most 30, and some more.

    The latter are random and grow with each try, so that clients do not all come back at the same moment.
    """
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**tries)
    return min(_LONGEST_PAUSE, asked) + random.uniform(0, longest)  # noqa: S311 - spreads retries, keeps no secret
