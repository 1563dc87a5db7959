"""Messages: structs that are sent as JSON bodies or as query strings.

The JSON is protobuf's, as MLflow's server writes it: int64 as numbers (strings are accepted too), NaN and
infinities as strings, unset fields and empty lists left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints
from urllib.parse import urlencode

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.jsontext import json_text
from mlyard.core.unicode import not_unicode
from mlyard.domain.limits import MAX_REQUEST_ID
from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY
from mlyard.wire.validation import Path, Problem, find_problem

Required = Annotated[str, msgspec.Meta(min_length=1)]
"""A string that must be given and must not be empty."""

RequiredList = Annotated[list[str], msgspec.Meta(min_length=1)]
"""A list of at least one string."""

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that databases and other clients can represent. All integers on the wire are of this type."""

RequestId = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REQUEST_ID)]
"""mlyard's addition: requests with the same id create one entity only."""


class Message(msgspec.Struct, omit_defaults=True):
    """A request, an answer, or a part of one. Unknown fields are ignored."""


class Empty(Message, kw_only=True):
    """No fields."""


class Tag(Message, kw_only=True, gc=False, omit_defaults=False):
    """A key with a value: tags of all entities, and params."""

    key: str
    value: str = ""


M = TypeVar("M", bound=Message)

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are not JSON or not UTF-8, or that are nested too deeply."""

_OUT_OF_BOUNDS = re.compile(rf"(<= {2**63 - 1}|>= {-(2**63)})\b")
_VIEWS = {"1": ACTIVE_ONLY, "2": DELETED_ONLY, "3": ALL}


def encode(message: Message) -> bytes:
    """The message as a JSON body. Raises InvalidParameter for a text that is not valid Unicode."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError as error:
        raise not_unicode(error) from None


def decode(body: bytes, kind: type[M]) -> M:
    """Read a JSON body. Raises InvalidParameter with the bad field and its value."""
    check_utf8(body)
    try:
        return msgspec.json.decode(body or b"{}", type=kind, strict=False)
    except msgspec.ValidationError as error:
        raw = _raw(body)
        if raw is None:
            raise _explain(Problem(str(error)), None) from None
        return _lenient(raw, kind)
    except NOT_JSON as error:
        raise InvalidParameter(f"The request's body is not valid JSON: {error}") from None


def check_utf8(encoded: bytes, what: str = "JSON body") -> None:
    """Check that all of a request's bytes are UTF-8; the decoder does not look at what it skips.

    Raises InvalidParameter.
    """
    try:
        encoded.isascii() or encoded.decode()
    except UnicodeDecodeError as error:
        raise InvalidParameter(
            f"The request's {what} is not valid UTF-8: byte {error.start} is 0x{encoded[error.start]:02x}. "
            "Encode it as UTF-8."
        ) from None


def _lenient(raw: Any, kind: type[M]) -> M:
    """Read JSON as protobuf does: a field that is null is unset. Raises InvalidParameter."""
    return decode_fields(_without_nulls(raw), kind)


def _without_nulls(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {name: _without_nulls(value) for name, value in raw.items() if value is not None}
    return [_without_nulls(item) for item in raw] if isinstance(raw, list) else raw


def _raw(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body or b"{}")
    except NOT_JSON:
        return None


def decode_query_string(pairs: Iterable[tuple[str, str]], kind: type[M]) -> M:
    """Read a query string. Only lists may be given more than once; unknown fields are ignored."""
    lists, known = _list_fields(kind), kind.__struct_fields__
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in lists:
            fields.setdefault(name, []).append(value)
        elif name in known and fields.setdefault(name, value) != value:
            raise InvalidParameter(f"The parameter '{name}' is given more than once, with different values.")
    return decode_fields(fields, kind)


def decode_fields(fields: Any, kind: type[M]) -> M:
    """Read a message from fields that have been decoded already."""
    try:
        return msgspec.convert(fields, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise _explain(find_problem(fields, kind) or Problem(str(error)), fields) from None


def encode_fields(message: Message) -> dict[str, Any]:
    """The fields that are set, as plain values."""
    fields: dict[str, Any] = msgspec.to_builtins(message)
    return fields


def encode_query_string(message: Message) -> str:
    """The message as a query string; a list repeats its name."""
    try:
        return urlencode(encode_fields(message), doseq=True)
    except UnicodeEncodeError as error:
        raise not_unicode(error) from None


def view_of(view: str | int) -> str:
    """The name of a view type, which may be sent as the enum's number."""
    return _VIEWS.get(str(view), str(view))


def encode_float(value: float) -> float | str:
    """A float as JSON can represent it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


@cache
def _list_fields(kind: type[Message]) -> set[str]:
    return {name for name, hint in get_type_hints(kind).items() if get_origin(hint) is list}


def _explain(problem: Problem, raw: Any) -> InvalidParameter:
    if problem.is_missing:
        return _missing(problem.place)
    if not problem.path:
        return InvalidParameter(f"The request is not as expected: {problem.text}")
    value = _look_up(raw, problem.path)
    return InvalidParameter(
        f"Invalid value {_short(value)} for parameter '{problem.field}' supplied: {_reason(problem)}. "
        f"Hint: Value was of type '{type(value).__name__}'. See the API docs for more information about "
        "request parameters."
    )


def _reason(problem: Problem) -> str:
    return "it does not fit in 64 bits" if _OUT_OF_BOUNDS.search(problem.text) else problem.text


def _missing(field: str) -> InvalidParameter:
    return InvalidParameter(
        f"Missing value for required parameter '{field}'. See the API docs for more information about "
        "request parameters."
    )


def _short(value: Any) -> str:
    text = json_text(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _look_up(raw: Any, path: Path) -> Any:
    """The value at the path, or as far along it as there is one."""
    for step in path:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            break
    return raw
