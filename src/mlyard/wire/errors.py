"""Errors on the wire: MLflow's code and a message, with the HTTP status beside them."""

from __future__ import annotations

from mlyard.core.errors import MlyardError, server_error
from mlyard.wire.message import Message, decode, encode


class ErrorAnswer(Message, kw_only=True, omit_defaults=False):
    error_code: str = "INTERNAL_ERROR"
    message: str = ""


def encode_error(error: MlyardError) -> bytes:
    """The JSON body for an error."""
    return encode(ErrorAnswer(error_code=error.error_code, message=error.message))


def decode_error(status: int, body: bytes) -> MlyardError:
    """The error that an answer stands for, whatever its body is."""
    try:
        answer = decode(body, ErrorAnswer)
    except MlyardError:
        answer = ErrorAnswer(message=body[:500].decode("utf-8", "replace"))
    error_code = answer.error_code if answer.message else None
    return server_error(status, error_code, answer.message or f"HTTP status {status}")
