"""Casts single values to a type without losing information, including nested arrays, objects and maps."""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlyard.models.signature.types import AnyType, Array, DataType, Kind, Map, Misfit, Object

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = (int, float, decimal.Decimal)
_LONG = np.dtype(np.int64)
_LONGEST = 10**4000
"""By default, Python refuses to convert integers of more digits to a string."""


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA."""
    if value is None:
        return True
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return type(value).__name__ in ("NaTType", "NAType")


def fitted(value: Any, kind: Kind, from_json: bool = False) -> Any:
    """Cast a value to a type, as a Python object. Raises Misfit if it does not fit.

    ``from_json`` means that the value comes from JSON or CSV, which lack some types. Then strings of numbers and
    datetimes are parsed, numbers may become strings, binary is base64, and booleans and the numbers 0 and 1 are
    interchangeable.
    """
    if isinstance(kind, AnyType):
        return value
    if isinstance(kind, Array):
        return _array(value, kind, from_json)
    if isinstance(kind, Object):
        return _object(value, kind, from_json)
    if isinstance(kind, Map):
        return _map(value, kind, from_json)
    if isinstance(value, np.generic):
        value = _native(value, kind)
    return _SCALARS[kind](value, from_json)


def _array(value: Any, kind: Array, from_json: bool) -> Any:
    if isinstance(value, np.ndarray) and value.dtype != object:
        return _ndarray(value, kind)
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise Misfit(f"expected a list, not {shown(value)}")
    return [item if item is None else fitted(item, kind.dtype, from_json) for item in value]


def _ndarray(value: np.ndarray[Any, Any], kind: Array) -> np.ndarray[Any, Any]:
    inner: Kind = kind
    for _ in range(value.ndim):
        inner = inner.dtype if isinstance(inner, Array) else DataType.binary
    if isinstance(inner, AnyType):
        return value
    if isinstance(inner, DataType):
        cast = cast_array(value, inner.to_numpy())
        if cast is not None:
            return cast
    raise Misfit(f"an array of {value.ndim} dimensions of {value.dtype} does not fit {kind!r}")


def _object(value: Any, kind: Object, from_json: bool) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Misfit(f"expected a dictionary, not {shown(value)}")
    known = {item.name: item for item in kind.properties}
    unknown = [key for key in value if key not in known]
    if unknown:
        raise Misfit(f"it has the properties {unknown}, which the schema does not know")
    missing = [name for name, item in known.items() if item.required and value.get(name) is None]
    if missing:
        raise Misfit(f"it lacks the properties {missing}")
    return {key: _member(key, item, known[key].dtype, from_json) for key, item in value.items()}


def _map(value: Any, kind: Map, from_json: bool) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Misfit(f"expected a dictionary, not {shown(value)}")
    if not all(isinstance(key, str) for key in value):
        raise Misfit("its keys must be strings")
    return {key: fitted(item, kind.value_type, from_json) for key, item in value.items()}


def _member(key: str, value: Any, kind: Kind, from_json: bool) -> Any:
    try:
        return value if value is None else fitted(value, kind, from_json)
    except Misfit as error:
        raise Misfit(f"property {key!r}: {error}") from None


def _native(value: Any, kind: DataType) -> Any:
    if kind is DataType.datetime and value.dtype.kind == "M":
        return value.astype("datetime64[us]").item()
    return value.item()


def _is_number(value: Any, from_json: bool) -> bool:
    """Whether the value is a number; values from JSON may also be booleans or strings."""
    if isinstance(value, (bool, str)):
        return from_json
    return isinstance(value, _NUMBERS)


def exact_float(value: Any, from_json: bool = True, largest: float = math.inf) -> float:
    """Convert to a float. Raises Misfit if the value is not a number or its magnitude exceeds ``largest``."""
    if not _is_number(value, from_json):
        raise Misfit(f"{shown(value)} is not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise Misfit(f"{shown(value)} cannot be read as a number") from None
    if math.isfinite(number) and abs(number) > largest:
        raise Misfit(f"{shown(value)} is too large")
    return number


def exact_integer(value: Any, from_json: bool = True, dtype: np.dtype[Any] = _LONG) -> int:
    """Convert to an int. Raises Misfit if the value is not an integer or does not fit into ``dtype``."""
    if value is None:
        raise Misfit("integers cannot be missing")
    if not _is_number(value, from_json):
        raise Misfit(f"{shown(value)} is not an integer")
    try:
        number = int(_number_of(value) if isinstance(value, str) else value)
    except (ValueError, ArithmeticError):
        raise Misfit(f"{shown(value)} is not an integer") from None
    if not isinstance(value, str) and number != value:
        raise Misfit(f"{shown(value)} has a fraction")
    limits = np.iinfo(dtype)
    if not limits.min <= number <= limits.max:
        raise Misfit(f"{shown(value)} does not fit into {dtype}")
    return number


def _number_of(text: str) -> int | decimal.Decimal:
    """The number in a text: CSV files may contain 2.0 where integers are missing. Raises ValueError."""
    try:
        return int(text)
    except ValueError:
        number = decimal.Decimal(text)
    if not abs(number) < 2**64 or number != number.to_integral_value():
        raise ValueError(text)
    return number


def _boolean(value: Any, from_json: bool) -> bool:
    if isinstance(value, bool):
        return value
    if from_json and isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    raise Misfit(f"{shown(value)} is not a boolean")


def _integer(value: Any, from_json: bool) -> int:
    return exact_integer(value, from_json, np.dtype(np.int32))


def _float(value: Any, from_json: bool) -> float:
    return exact_float(value, from_json, float(np.finfo(np.float32).max))


def _string(value: Any, from_json: bool) -> str:
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise Misfit(f"{shown(value)} contains half of a surrogate pair, which is not a character")
        return value
    if from_json and isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LONGEST:
        return str(value)
    raise Misfit(f"{shown(value)} is not a string")


def _binary(value: Any, from_json: bool) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if from_json and isinstance(value, str):
        try:
            return base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Misfit(f"{shown(value)} is not base64") from None
    raise Misfit(f"{shown(value)} is not bytes")


def _datetime(value: Any, from_json: bool) -> datetime.date:
    if isinstance(value, datetime.date):
        return value
    if from_json and isinstance(value, str):
        return moment(value)
    raise Misfit(f"{shown(value)} is not a datetime")


def moment(value: datetime.date | str) -> pd.Timestamp:
    """A date, a time or a text as a moment with nanoseconds: in UTC, or without a time zone. Raises Misfit."""
    import pandas as pd

    made: Any
    try:
        made = pd.Timestamp(value).as_unit("ns")
    except (ValueError, OverflowError):
        made = pd.NaT
    if made is pd.NaT:
        raise Misfit(f"{shown(value)} is not a date and time between the years 1678 and 2261")
    moment: pd.Timestamp = made if made.tzinfo is None else made.tz_convert("UTC")
    return moment


_SCALARS = {
    DataType.boolean: _boolean,
    DataType.integer: _integer,
    DataType.long: exact_integer,
    DataType.float: _float,
    DataType.double: exact_float,
    DataType.string: _string,
    DataType.binary: _binary,
    DataType.datetime: _datetime,
}


def cast_array(values: np.ndarray[Any, Any], target: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    """Cast an array to another dtype; None if the cast would lose information.

    Numbers may become wider or more general. 64-bit integers become doubles only if each one is exact. Datetimes may
    change their unit, but not their time zone. Booleans are not treated as numbers.
    """
    source = values.dtype
    if source == target or (source.kind == target.kind and target.kind in "US"):
        return values
    if source.kind in "iu" and target == np.float64 and source.itemsize == 8:
        cast = values.astype(target)
        limit = 2**53
        return cast if not values.size or (values.max() <= limit and values.min() >= -limit) else None
    if source.kind in "iuf" and target.kind in "iuf" and np.can_cast(source, target, "safe"):
        return values.astype(target)
    if source.kind == "M" and target.kind == "M":
        return _unit(values, target)
    return None


def _unit(values: np.ndarray[Any, Any], target: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    import pandas as pd

    unit: Any = np.datetime_data(target)[0]
    try:
        return pd.Series(values).dt.as_unit(unit).to_numpy() if values.ndim == 1 else None
    except (pd.errors.OutOfBoundsDatetime, ValueError):
        return None


def shown(value: Any) -> str:
    """The value for use in a message: shortened, and never raising an error."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python refuses to print integers with thousands of digits
        return f"a {type(value).__name__} that is too large to show"
    return text if len(text) <= 80 else f"{text[:80]}…"
