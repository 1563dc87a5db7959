"""Reads request bodies into input for a model."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.body.content_type import CSV, JSON, PANDAS_RECORDS, PANDAS_SPLIT, ContentType
from mlyard.models.body.delimited import read_csv
from mlyard.models.body.names import known_keys
from mlyard.models.body.table import is_row, read_records, read_split
from mlyard.models.body.text import InvalidBody, decode_json
from mlyard.models.body.typed import read_typed
from mlyard.models.signature.schema import Schema
from mlyard.models.signature.signature import ModelSignature

KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of a JSON body that contain a model's input."""
WHOLE_BODIES = ("messages", "prompt", "input")
"""A JSON body with one of these keys is a complete chat, completion or embedding request, and the model's input."""
_FORMS = {PANDAS_SPLIT: "dataframe_split", PANDAS_RECORDS: "dataframe_records"}


class Payload(msgspec.Struct, frozen=True):
    """The data and params of a request.

    ``typed``: the values have types, unlike those of JSON and CSV. ``bare``: the answer is the predictions alone.
    """

    data: Any
    params: dict[str, Any] | None = None
    typed: bool = False
    bare: bool = False


def read_body(body: bytes, kind: ContentType, signature: ModelSignature | None = None) -> Payload:
    """Read a body. ``signature``: the model's. Raises InvalidParameter, UnsupportedMediaType."""
    schema = signature.inputs if signature else None
    if kind.media == CSV:
        return Payload(not_empty(read_csv(body, schema)))
    if kind.media != JSON:
        return Payload(not_empty(read_typed(body, kind.media, schema)), typed=True)
    content = decode_json(body)
    if kind.form:
        return Payload(_input(_FORMS[kind.form], content, schema), bare=True)
    return read_content(content, signature)


def read_content(content: Any, signature: ModelSignature | None = None) -> Payload:
    """Read a JSON body that was decoded already. Raises InvalidParameter."""
    schema = signature.inputs if signature else None
    if not isinstance(content, dict):
        raise InvalidBody(f"The request's body must be a JSON object with one of the keys {', '.join(KEYS)}.")
    found = [key for key in KEYS if key in content]
    if not found and any(key in content for key in WHOLE_BODIES):
        return _whole_body(content, signature)
    if len(found) != 1:
        raise InvalidBody(
            f"The request's body must have exactly one of the keys {', '.join(KEYS)}, and may have 'params'. "
            f"It has: {', '.join(sorted(content))[:500] or 'none'}."
        )
    params = content.get("params")
    if params is not None and not isinstance(params, dict):
        raise InvalidParameter("'params' must be a JSON object.")
    return Payload(_input(found[0], content[found[0]], schema), params)


def _whole_body(content: dict[str, Any], signature: ModelSignature | None) -> Payload:
    """The body without the params that the signature declares."""
    declared = {param.name for param in signature.params.params} if signature and signature.params else set()
    params = {name: value for name, value in content.items() if name in declared}
    return Payload({name: value for name, value in content.items() if name not in declared}, params or None, bare=True)


def _input(key: str, content: Any, schema: Schema | None) -> Any:
    if key == "dataframe_split":
        return read_split(content, schema)
    if key == "dataframe_records":
        return not_empty(read_records(content, schema))
    if content == [] or (isinstance(content, dict) and all(value == [] for value in content.values())):
        raise InvalidBody(f"'{key}' is empty: send at least one row.")
    if schema is None:
        return _arrays(key, content)
    content = known_keys(content, schema) if isinstance(content, (list, dict)) else content
    if schema.is_tensor_spec():
        return _by_name(content) if key == "instances" and _has_named_rows(content) else content
    return [content] if is_row(content) else content


def _arrays(key: str, content: Any) -> Any:
    """An array, or one for each name. ``inputs`` gives columns by name, ``instances`` gives rows of named values."""
    if _has_named_rows(content):
        if key == "inputs":
            return content
        content = _by_name(content)
    try:
        if isinstance(content, dict):
            return {name: np.asarray(values) for name, values in content.items()}
        array = np.asarray(content)
    except ValueError as error:
        raise InvalidBody(f"'{key}' is not a tensor: {error}.") from None
    if array.size == 0:
        raise InvalidBody(f"'{key}' is empty: send at least one row.")
    return array


def _has_named_rows(content: Any) -> bool:
    return isinstance(content, list) and isinstance(content[0], dict)


def _by_name(instances: list[Any]) -> dict[str, list[Any]]:
    if any(not isinstance(row, dict) or row.keys() != instances[0].keys() for row in instances):
        raise InvalidBody("'instances' is not a tensor: its rows have different names.")
    return {name: [row[name] for row in instances] for name in instances[0]}


def not_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame. Raises InvalidBody if it has no rows or no columns."""
    if frame.empty:
        raise InvalidBody("The input is empty: send at least one row and one column.")
    return frame
