"""Reads request bodies into input for a model, and writes its predictions as JSON."""

from __future__ import annotations

import datetime
import io
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.schema import Schema
from mlyard.models.signature.types import DataType
from mlyard.scoring.bodies import CSV, JSON, PANDAS_RECORDS, PANDAS_SPLIT, ContentType
from mlyard.scoring.columns import read_columns
from mlyard.wire.message import NOT_JSON

_KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_KNOWN = (list, tuple, str, int, float, bytes)
_FORMS = {PANDAS_SPLIT: "dataframe_split", PANDAS_RECORDS: "dataframe_records"}


class InvalidBody(InvalidParameter):
    """The body is not in a supported form. The error code is MLflow's."""

    error_code = "BAD_REQUEST"


class Payload(msgspec.Struct, frozen=True):
    """The data and params of a request. ``typed``: the values have types, unlike those of JSON and CSV."""

    data: Any
    params: dict[str, Any] | None = None
    typed: bool = False


def read_payload(body: bytes, kind: ContentType, schema: Schema | None = None) -> Payload:
    """Read a body. ``schema``: the model's input. Raises InvalidParameter, UnsupportedMediaType."""
    if kind.media == CSV:
        return Payload(_csv(body, schema))
    if kind.media != JSON:
        return Payload(_not_empty(read_columns(body, kind.media)), typed=True)
    content = _json(body)
    if kind.form:
        return Payload(_table(_FORMS[kind.form], content))
    return _keyed(content, schema)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except NOT_JSON as error:
        raise InvalidBody(f"The request's body is not valid JSON: {error}") from None


def _keyed(content: Any, schema: Schema | None) -> Payload:
    if not isinstance(content, dict):
        raise InvalidBody(f"The request's body must be a JSON object with one of the keys {', '.join(_KEYS)}.")
    found = [key for key in _KEYS if key in content]
    if len(found) != 1:
        raise InvalidBody(
            f"The request's body must have exactly one of the keys {', '.join(_KEYS)}, and may have 'params'. "
            f"It has: {', '.join(sorted(content))[:500] or 'none'}."
        )
    params = content.get("params")
    if params is not None and not isinstance(params, dict):
        raise InvalidParameter("'params' must be a JSON object.")
    key = found[0]
    if key.startswith("dataframe"):
        return Payload(_table(key, content[key]), params)
    one = schema is not None and schema.columns and _is_row(content[key])
    return Payload(_tensor(key, [content[key]] if one else content[key]), params)


def _is_row(content: Any) -> bool:
    """Whether it is a single row by names, rather than columns by names."""
    return isinstance(content, dict) and not any(isinstance(value, (list, dict)) for value in content.values())


def _table(key: str, content: Any) -> pd.DataFrame:
    try:
        if key == "dataframe_split":
            frame = pd.DataFrame(data=content["data"], columns=content.get("columns"), index=content.get("index"))
        else:
            frame = pd.DataFrame.from_records(list(content))
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise InvalidBody(f"'{key}' is not a table in the form that its name says: {error!r}.") from None
    return _not_empty(frame)


def _tensor(key: str, content: Any) -> Any:
    """An array, or one for each name. ``inputs`` gives columns by name, ``instances`` gives rows of named values."""
    try:
        if isinstance(content, dict) and content:
            return {name: np.asarray(values) for name, values in content.items()}
        if isinstance(content, list) and content and isinstance(content[0], dict):
            return content if key == "inputs" else _by_name(content)
        array = np.asarray(content)
    except ValueError as error:
        raise InvalidBody(f"'{key}' is not a tensor: {error}.") from None
    if array.size == 0:
        raise InvalidBody(f"'{key}' is empty: send at least one row.")
    return array


def _by_name(instances: list[Any]) -> dict[str, np.ndarray]:
    names = list(instances[0])
    if any(not isinstance(row, dict) or row.keys() != instances[0].keys() for row in instances):
        raise InvalidBody("'instances' is not a tensor: its rows have different names.")
    return {name: np.asarray([row[name] for row in instances]) for name in names}


def _csv(body: bytes, schema: Schema | None) -> pd.DataFrame:
    try:
        return _not_empty(pd.read_csv(io.BytesIO(body), dtype=_texts(schema)))
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidBody(f"The request's body is not valid CSV: {error}") from None


def _texts(schema: Schema | None) -> dict[Any, Any]:
    """The columns to read as text, unchanged: ``007`` is not a number if the signature says string."""
    kinds = (DataType.string, DataType.binary, DataType.datetime)
    return {spec.name: str for spec in schema.columns if spec.type in kinds} if schema else {}


def _not_empty(frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        raise InvalidBody("The input is empty: send at least one row and one column.")
    return frame


def write_predictions(predictions: Any, *, bare: bool) -> bytes:
    """The body of the answer. NaN and infinities become null, because JSON does not have them."""
    plain = _plain(predictions)
    return msgspec.json.encode(plain if bare else {"predictions": plain}, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """A form of a value that msgspec can encode; msgspec calls this again for the values in it."""
    if isinstance(value, pd.Series):
        value = value.to_frame("0" if value.name is None else value.name)
    if isinstance(value, pd.DataFrame):
        return value.to_dict(orient="records")
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, dict):
        return {str(name): item for name, item in value.items()}
    if value is None or isinstance(value, _KNOWN):
        return value
    return _as_text(value)


def _as_text(value: Any) -> Any:
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return list(value) if hasattr(value, "__iter__") else str(value)
