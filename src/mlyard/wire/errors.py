"""Errors on the wire: an HTTP status, with MLflow's error code and a message in the body."""

from __future__ import annotations

from mlyard.core.errors import DoesNotExist, MlyardError, server_error
from mlyard.wire.message import Message, decode, encode


class ErrorAnswer(Message, kw_only=True, omit_defaults=False):
    error_code: str = "INTERNAL_ERROR"
    message: str = ""


def encode_error(error: MlyardError) -> bytes:
    """An error as a JSON body."""
    return encode(ErrorAnswer(error_code=error.error_code, message=error.message))


def decode_error(status: int, body: bytes) -> MlyardError:
    """The error of an answer, whose body need not be JSON."""
    answer = _read(body)
    error_code = answer.error_code if answer.message else None
    return server_error(status, error_code, answer.message or f"HTTP status {status}")


def says_not_found(body: bytes) -> bool:
    """Whether an answer says that what the request names does not exist; an unknown page is another matter."""
    return _read(body).error_code == DoesNotExist.error_code


def _read(body: bytes) -> ErrorAnswer:
    try:
        return decode(body, ErrorAnswer)
    except MlyardError:
        return ErrorAnswer(message=body[:500].decode("utf-8", "replace"))
