"""Writes values as JSON: predictions, and examples of a model's input."""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.frames import as_pandas, is_sparse
from mlyard.models.signature.values import is_missing


class Unwritable(Exception):
    """JSON has no form for values of this class."""


def write_predictions(predictions: Any, *, bare: bool) -> bytes:
    """The body of an answer. NaN and infinities become null, because JSON does not have them."""
    return encode(predictions if bare else {"predictions": predictions})


def encode(predictions: Any) -> bytes:
    """Predictions of any class as JSON."""
    try:
        text = _encoder.encode(predictions)
    except (ValueError, TypeError, RecursionError):  # keys that are not texts, halves of surrogate pairs
        text = b"NaN"
    if b"NaN" not in text and b"Infinity" not in text:
        return text
    try:
        return json.dumps(built(predictions, _finite, _of_any)).encode()  # decimals have these, too
    except RecursionError:
        raise InvalidParameter("The model's predictions are nested too deeply to be written as JSON.") from None


def rows_of(predictions: Any) -> Any:
    """Predictions as a list with an item for each row, quickly if they are an array of numbers."""
    return _of_numpy(predictions) if isinstance(predictions, np.ndarray) else _of_any(predictions)


def plain_of(predictions: Any) -> Any:
    """Predictions as the values that the JSON of their answer has."""
    return json.loads(encode(predictions))


def built(value: Any, scalar: Callable[[Any], Any], step: Callable[[Any], Any]) -> Any:
    """The value as dicts, lists and single values, which ``scalar`` converts. ``step`` is ``simpler``, or like it."""
    while not isinstance(value, _OF_JSON):
        value = step(value)
    if isinstance(value, dict):
        return {str(name): built(item, scalar, step) for name, item in value.items()}
    return [built(item, scalar, step) for item in value] if isinstance(value, list) else scalar(value)


_OF_JSON = (str, int, float, list, dict, type(None))


def simpler(value: Any) -> Any:
    """The value as a dict, a list or a scalar of JSON, which may contain values of any class. Raises Unwritable.

    A table becomes a list of its rows, a missing value None, bytes base64, a time ISO 8601.
    """
    value = as_pandas(value)
    if isinstance(value, pd.Series):
        value = value.to_frame("0" if value.name is None else value.name)
    if isinstance(value, pd.DataFrame):
        return value.set_axis(text_names(value.columns), axis=1).to_dict(orient="records")
    if is_sparse(value):
        return value.toarray().tolist()
    if isinstance(value, (np.ndarray, np.generic)):
        return _of_numpy(value)
    return _of_python(value)


def text_names(columns: Iterable[Any]) -> list[str]:
    """Column names as texts. Equal ones are numbered, as pandas does it: ``a``, ``a.1``."""
    names: dict[str, None] = {}
    for column in columns:
        name = text = str(column)
        number = 0
        while name in names:
            number += 1
            name = f"{text}.{number}"
        names[name] = None
    return list(names)


def _of_numpy(value: Any) -> Any:
    if value.dtype.kind in "mM":
        texts = np.array([_moment(item) for item in np.asarray(value).reshape(-1)], dtype=object)
        return texts.reshape(value.shape).tolist()
    # A long double has no class in Python.
    return (value.astype(np.float64) if value.dtype.char == "g" else value).tolist()


def _moment(value: Any) -> str | None:
    if np.isnat(value):
        return None
    return str(np.datetime_as_string(value)) if value.dtype.kind == "M" else pd.Timedelta(value).isoformat()


def _of_python(value: Any) -> Any:
    for classes, convert in _CONVERSIONS:
        if isinstance(value, classes):
            return convert(value)
    if is_missing(value):
        return None
    if hasattr(value, "model_dump"):
        return value.model_dump()
    raise Unwritable(type(value).__name__)


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (enum.Enum, lambda value: value.value),
    (type(None), lambda value: value),
    (bool, lambda value: value),
    (str, str.__str__),
    (int, int),
    (float, float),
    (decimal.Decimal, float),
    ((bytes, bytearray, memoryview), lambda value: base64.b64encode(value).decode("ascii")),
    (Mapping, dict),
    ((list, tuple), list),
    (datetime.timedelta, lambda value: pd.Timedelta(value).isoformat()),
    ((datetime.date, datetime.time), lambda value: None if value is pd.NaT else value.isoformat()),
)


def _of_any(value: Any) -> Any:
    """Like ``simpler``, also for the classes of other libraries; a value without a form in JSON becomes its text."""
    try:
        return simpler(value)
    except Unwritable:
        pass
    if hasattr(value, "to_dense"):  # a tensor of PyTorch, which may be sparse
        value = value.to_dense()
    for method in ("tolist", "to_pylist", "numpy", "as_py"):
        if hasattr(value, method):
            return getattr(value, method)()
    return list(value) if hasattr(value, "__iter__") else str(value)


_encoder = msgspec.json.Encoder(enc_hook=_of_any, decimal_format="number")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
