"""Converts arrays to the tensors of a signature: checks the shape and casts the dtype without loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.input.names import check_names
from mlyard.models.signature.frames import is_sparse
from mlyard.models.signature.schema import TensorSpec
from mlyard.models.signature.types import DataType, Misfit
from mlyard.models.signature.values import cast_array, exact_float, exact_integer, fitted, is_missing, moment, shown


def enforce_tensors(data: Any, tensors: list[TensorSpec], from_json: bool = False) -> Any:
    """The array of the only unnamed tensor, or a dict of arrays by tensor name. Raises InvalidParameter."""
    (first, *more) = tensors
    if first.name is None:
        return _held(data, first, from_json)
    if not more and not isinstance(data, (Mapping, pd.DataFrame)):
        return {first.name: _held(data, first, from_json)}
    if not isinstance(data, (Mapping, pd.DataFrame)):
        names = [tensor.name for tensor in tensors]
        raise InvalidParameter(f"Model is missing inputs {names}. The model takes a dict of arrays by these names.")
    check_names([tensor.name for tensor in tensors], list(data))
    return {tensor.name: _held(_rows(data[tensor.name]), tensor, from_json) for tensor in tensors}


def _rows(data: Any) -> Any:
    """A frame's column of lists or arrays, as one list."""
    return data.tolist() if isinstance(data, pd.Series) and data.dtype == object else data


def _held(data: Any, tensor: TensorSpec, from_json: bool) -> Any:
    if is_sparse(data):
        return _sparse(data, tensor)
    if isinstance(data, pd.DataFrame):
        data = data.to_numpy().squeeze(axis=1) if data.shape[1] == 1 and len(tensor.shape) == 1 else data.to_numpy()
    elif isinstance(data, pd.Series):
        data = data.to_numpy()
    untyped = isinstance(data, np.ndarray) and (from_json or data.dtype.kind == "O" != tensor.type.kind)
    if isinstance(data, (list, tuple)) or untyped:
        array = _of_python(data, tensor, from_json)
    elif isinstance(data, np.ndarray):
        array = _cast(data, tensor)
    else:
        raise InvalidParameter(f"The model takes an array, not {type(data).__name__}.{_called(tensor)}")
    _check_shape(array.shape, tensor)
    return array


def _cast(array: np.ndarray[Any, Any], tensor: TensorSpec) -> np.ndarray[Any, Any]:
    flat: Any = cast_array(array.reshape(-1), tensor.type)
    if flat is None:
        hint = ""
        if array.dtype == np.float64 and tensor.type == np.float32:
            hint = " The conversion would lose digits: convert the input yourself with astype('float32')."
        raise InvalidParameter(
            f"The input's dtype {array.dtype} cannot be converted to {tensor.type} without loss.{hint}{_called(tensor)}"
        )
    shaped: np.ndarray[Any, Any] = flat.reshape(array.shape)
    return shaped


def _sparse(data: Any, tensor: TensorSpec) -> Any:
    _check_shape(data.shape, tensor)
    if data.dtype == tensor.type:
        return data
    if _cast(data.data, tensor) is not None:
        return data.astype(tensor.type)
    return data


def _of_python(data: Any, tensor: TensorSpec, from_json: bool) -> np.ndarray[Any, Any]:
    """Convert untyped Python values to the tensor's dtype, if none of them loses information."""
    try:
        made = _at_once(np.array(data), tensor.type)
        return _one_by_one(np.array(data, dtype=object), tensor, from_json) if made is None else made
    except (ValueError, TypeError) as error:
        raise InvalidParameter(
            f"The input cannot become an array of {tensor.type}: {error}.{_called(tensor)}"
        ) from None


def _one_by_one(raw: np.ndarray[Any, Any], tensor: TensorSpec, from_json: bool) -> np.ndarray[Any, Any]:
    flat = []
    for place, value in enumerate(raw.reshape(-1)):
        try:
            flat.append(_exact(value, tensor.type, from_json))
        except Misfit as error:
            row, *inner = map(int, np.unravel_index(place, raw.shape)) if raw.ndim else [0]
            column = f"column {', '.join(map(str, inner))}, " if inner else ""
            raise InvalidParameter(
                f"Incompatible input types for {column}row {row}: {error} (expected {tensor.type}).{_called(tensor)}"
            ) from None
    made = np.empty(len(flat), object)
    made[:] = flat
    return made.astype(tensor.type).reshape(raw.shape)


def _at_once(raw: np.ndarray[Any, Any], target: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    """Convert numbers in one step if they can change by rounding only; None otherwise."""
    if raw.dtype.kind in "iuf" and target.kind in "iuf":
        with np.errstate(over="ignore", invalid="ignore"):
            made = raw.astype(target)
        if target.kind == "f":
            return made if np.array_equal(np.isinf(made), np.isinf(raw)) else None
        return made if _has_integers(raw, target) else None
    return raw if raw.dtype == target or (raw.dtype.kind == target.kind and target.kind in "US") else None


def _has_integers(raw: np.ndarray[Any, Any], target: np.dtype[Any]) -> bool:
    """Whether all numbers are integers that fit into an integer type. Large numbers with a fraction are not exact."""
    if not raw.size:
        return True
    limits = np.iinfo(target)
    low, high = (
        (max(limits.min, -(2**53)), min(limits.max, 2**53)) if raw.dtype.kind == "f" else (limits.min, limits.max)
    )
    return bool((np.trunc(raw) == raw).all()) and low <= raw.min().item() and raw.max().item() <= high


def _exact(value: Any, dtype: np.dtype[Any], from_json: bool) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if dtype.kind == "f":
        largest = float(np.finfo(dtype).max)
        return np.nan if value is None else exact_float(value, from_json, largest)
    if dtype.kind in "iu":
        return exact_integer(value, from_json, dtype)
    if dtype.kind in "mM":
        return _of_time(value, dtype, from_json)
    named = {"b": DataType.boolean, "U": DataType.string, "S": DataType.binary}
    return fitted(value, named[dtype.kind], from_json) if dtype.kind in named else value


def _of_time(value: Any, dtype: np.dtype[Any], from_json: bool) -> Any:
    """A datetime without a time zone, in UTC if the value has one, or a duration."""
    if is_missing(value):
        return np.array("NaT", dtype)[()]
    if dtype.kind == "M":
        exact: Any = moment(fitted(value, DataType.datetime, from_json)).tz_localize(None).to_datetime64()
    else:
        exact = _duration(value)
    made = exact.astype(dtype)
    if made != exact:
        raise Misfit(f"{shown(value)} is more precise than {dtype}")
    return made


def _duration(value: Any) -> np.timedelta64:
    try:
        return pd.Timedelta(value).to_timedelta64()
    except (ValueError, TypeError):
        raise Misfit(f"{shown(value)} is not a duration") from None


def _check_shape(shape: tuple[int, ...], tensor: TensorSpec) -> None:
    wanted = tensor.shape
    if len(shape) != len(wanted) or any(w not in (-1, n) for n, w in zip(shape, wanted, strict=True)):
        raise InvalidParameter(f"The input's shape {shape} does not fit the model's shape {wanted}.{_called(tensor)}")


def _called(tensor: TensorSpec) -> str:
    return "" if tensor.name is None else f" This concerns the input {tensor.name!r}."
