"""Request bodies of the scoring server, read into what a model takes.

The forms are those of MLflow's scoring server, and the older ``format=pandas-split`` and
``format=pandas-records`` content types of MLflow 1.
"""

from __future__ import annotations

import io
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter, UnsupportedMediaType
from mlyard.wire.message import NOT_JSON

_KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_FORMATS = {"pandas-split": "dataframe_split", "pandas-records": "dataframe_records"}


class Payload(msgspec.Struct, frozen=True):
    """``data`` for the model; ``bare``: answer with the predictions alone, as MLflow 1 did."""

    data: Any
    params: dict[str, Any] | None = None
    bare: bool = False


def read_payload(body: bytes, content_type: str) -> Payload:
    """Read a body. Raises InvalidParameter, UnsupportedMediaType."""
    media, options = _media_type(content_type)
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(f"The charset {options['charset']!r} is not supported: send UTF-8.")
    if media == "text/csv":
        return Payload(_csv(body))
    if media != "application/json":
        raise UnsupportedMediaType(
            f"The content type {content_type[:100]!r} is not supported: send application/json or text/csv."
        )
    content = _json(body)
    if "format" in options:
        return _pandas(content, options["format"])
    return _keyed(content)


def _media_type(content_type: str) -> tuple[str, dict[str, str]]:
    media, *rest = (part.strip() for part in content_type.split(";"))
    pairs = (part.partition("=") for part in rest if part)
    return media.lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except NOT_JSON as error:
        raise InvalidParameter(f"The request's body is not valid JSON: {error}") from None


def _pandas(content: Any, form: str) -> Payload:
    if form not in _FORMATS:
        raise UnsupportedMediaType(f"The format {form!r} is not supported: use one of {', '.join(_FORMATS)}.")
    return Payload(_table(_FORMATS[form], content), bare=True)


def _keyed(content: Any) -> Payload:
    if not isinstance(content, dict):
        raise InvalidParameter(f"The request's body must be a JSON object with one of the keys {', '.join(_KEYS)}.")
    found = [key for key in _KEYS if key in content]
    unknown = sorted(set(content) - {*_KEYS, "params"})
    if len(found) != 1 or unknown:
        raise InvalidParameter(
            f"The request's body must have exactly one of the keys {', '.join(_KEYS)}, and 'params' if need be. "
            f"It has: {', '.join(sorted(content)) or 'none'}."
        )
    params = content.get("params")
    if params is not None and not isinstance(params, dict):
        raise InvalidParameter("'params' must be a JSON object.")
    key = found[0]
    data = _table(key, content[key]) if key.startswith("dataframe") else _tensor(key, content[key])
    return Payload(data, params)


def _table(key: str, content: Any) -> pd.DataFrame:
    try:
        if key == "dataframe_split":
            frame = pd.DataFrame(data=content["data"], columns=content.get("columns"), index=content.get("index"))
        else:
            frame = pd.DataFrame.from_records(list(content))
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise InvalidParameter(f"'{key}' is no table in the form that its name says: {error!r}.") from None
    return _not_empty(frame)


def _tensor(key: str, content: Any) -> Any:
    if key == "instances" and isinstance(content, list) and content and isinstance(content[0], dict):
        return _not_empty(pd.DataFrame.from_records(content))
    try:
        if isinstance(content, dict):
            return {name: np.asarray(values) for name, values in content.items()}
        array = np.asarray(content)
    except ValueError as error:
        raise InvalidParameter(f"'{key}' is no tensor: {error}.") from None
    if array.size == 0:
        raise InvalidParameter(f"'{key}' is empty: send at least one row.")
    return array


def _csv(body: bytes) -> pd.DataFrame:
    try:
        return _not_empty(pd.read_csv(io.BytesIO(body)))
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidParameter(f"The request's body is not valid CSV: {error}") from None


def _not_empty(frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        raise InvalidParameter("The input is empty: send at least one row and one column.")
    return frame


def write_predictions(predictions: Any, *, bare: bool) -> bytes:
    """The answer's body; NaN and infinities, which JSON cannot hold, become null."""
    plain = _plain(predictions)
    return msgspec.json.encode(plain if bare else {"predictions": plain}, enc_hook=str)


def _plain(predictions: Any) -> Any:
    if isinstance(predictions, pd.DataFrame):
        return predictions.to_dict(orient="records")
    if isinstance(predictions, (np.ndarray, np.generic, pd.Series)):
        return predictions.tolist()
    if isinstance(predictions, dict):
        return {str(name): _plain(value) for name, value in predictions.items()}
    return predictions
