"""Decodes JSON as clients in Python write it: with NaN, Infinity and -Infinity, which the standard does not have."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter

_NOT_JSON = (ValueError, RecursionError)  # the errors of msgspec, json and UTF-8 are ValueErrors


class InvalidBody(InvalidParameter):
    """The body is not in a supported form. The error code is MLflow's."""

    error_code = "BAD_REQUEST"


def decode_json(text: bytes) -> Any:
    """Decode JSON in UTF-8, which may begin with a byte order mark. Raises InvalidBody."""
    try:
        return msgspec.json.decode(text)
    except _NOT_JSON:
        pass  # msgspec is faster, but does not read all that Python's json module writes
    try:
        return decoder().decode(text.decode("utf-8-sig"))
    except _NOT_JSON as error:
        reason = "its values are nested too deeply" if isinstance(error, RecursionError) else error
        raise InvalidBody(f"The request's body is not valid JSON: {reason}") from None


def decoder() -> json.JSONDecoder:
    """A decoder that refuses numbers that are too large for a double, with ValueError."""
    return json.JSONDecoder(parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:80]} is too large")
    return number
