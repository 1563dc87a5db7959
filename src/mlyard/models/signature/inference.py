"""Signatures inferred from data: data frames, series, arrays, sparse matrices, lists, dicts and single values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.models.signature.frames import as_pandas, is_sparse
from mlyard.models.signature.params import ParamSchema, ParamSpec
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec
from mlyard.models.signature.types import AnyType, Array, DataType, Kind, Misfit, Object, Property
from mlyard.models.signature.values import is_missing

_LOG = logger("models.signature")
_PYTHON = {
    bool: DataType.boolean,
    int: DataType.long,
    float: DataType.double,
    str: DataType.string,
    bytes: DataType.binary,
    bytearray: DataType.binary,
    datetime.datetime: DataType.datetime,
    datetime.date: DataType.datetime,
    pd.Timestamp: DataType.datetime,
    np.datetime64: DataType.datetime,
    np.str_: DataType.string,
    np.bytes_: DataType.binary,
}
_NUMBERS = (DataType.integer, DataType.long, DataType.float, DataType.double)


class Inferred(NamedTuple):
    """A type, and whether every value is present."""

    kind: Kind
    required: bool


def infer_schema(data: Any) -> Schema:
    """The schema of an example: columns for a table, tensors for arrays, one unnamed column for anything else."""
    try:
        return Schema(_specs(as_pandas(data)))
    except Misfit as error:
        return Schema([_any(None, error)])


def infer_params(params: Mapping[str, Any]) -> ParamSchema:
    """The schema of example params, whose values become the defaults. Raises InvalidParameter."""
    if not isinstance(params, Mapping):
        raise InvalidParameter(f"The params must be a dictionary, not {type(params).__name__}.")
    return ParamSchema([_inferred(str(name), value) for name, value in params.items()])


def infer_kind(values: Sequence[Any]) -> Inferred:
    """The type that all values share, and whether none is missing. Raises Misfit if they share no type."""
    present = [value for value in values if not is_missing(value)]
    required = len(present) == len(values)
    if not present:
        # An empty list says nothing about its values; a list of missing values makes them optional.
        return Inferred(AnyType(), required)
    if all(isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) for value in present):
        return Inferred(_array(present), required)
    if all(isinstance(value, Mapping) for value in present):
        properties = [Property(_key(name), *found) for name, found in _members(present).items()]
        return Inferred(Object(tuple(properties)) if properties else AnyType(), required)
    return Inferred(_merged({_scalar(kind) for kind in {_sort(value) for value in present}}), required)


def _specs(data: Any) -> list[ColSpec | TensorSpec]:
    if is_sparse(data) or (isinstance(data, np.ndarray) and data.ndim):
        return [_tensor(data)]
    if isinstance(data, pd.Series):
        return [_column(data, data.name)]
    if isinstance(data, pd.DataFrame):
        if not data.columns.is_unique or not len(data.columns):
            raise Misfit(f"it needs columns with distinct names, not {data.columns.tolist()}")
        return [_column(data.iloc[:, place], name) for place, name in enumerate(data.columns)]
    if isinstance(data, Mapping) and data and all(isinstance(value, np.ndarray) for value in data.values()):
        return [_tensor(value, str(name)) for name, value in data.items()]
    return _of_python(data)


def _of_python(data: Any) -> list[ColSpec | TensorSpec]:
    if isinstance(data, Mapping):
        if not data:
            raise Misfit("an empty dictionary has no columns")
        return [ColSpec(found.kind, name, found.required) for name, found in _members([data]).items() if _key(name)]
    if isinstance(data, list) and data and all(isinstance(item, Mapping) and item for item in data):
        return [ColSpec(found.kind, name, found.required) for name, found in _members(data).items() if _key(name)]
    if isinstance(data, (tuple, set, frozenset)):
        raise Misfit(f"no type can be inferred from a {type(data).__name__}")
    return [ColSpec(infer_kind(data if isinstance(data, list) else [data]).kind)]


def _members(dicts: Sequence[Mapping[Any, Any]]) -> dict[Any, Inferred]:
    """The type under each key of the dicts; a key that is absent from one of them is not required."""
    names = dict.fromkeys(name for item in dicts for name in item)
    found = {name: infer_kind([item[name] for item in dicts if name in item]) for name in names}
    everywhere = {name: all(name in item for item in dicts) for name in names}
    return {name: Inferred(kind, required and everywhere[name]) for name, (kind, required) in found.items()}


def _key(name: Any) -> str:
    if not isinstance(name, str):
        raise Misfit(f"the key {name!r} is not a string")
    return name


def _array(values: Sequence[Any]) -> Kind:
    kinds: set[Kind] = set()
    items: list[Any] = []
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype != object:
            kinds.add(_of_dtype(value.dtype, value.ndim))
        else:
            items.extend(value)
    if items:
        kinds.add(Array(infer_kind(items).kind))
    return _merged(kinds) if kinds else AnyType()


def _of_dtype(dtype: np.dtype[Any], dimensions: int = 0) -> Kind:
    kind: Kind = _scalar(dtype)
    for _ in range(dimensions):
        kind = Array(kind)
    return kind


def _sort(value: Any) -> Any:
    """A value's numpy dtype, or its Python class."""
    known = type(value) in _PYTHON or not isinstance(value, np.generic)
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise Misfit(f"{value} does not fit into a 64-bit integer")
    return type(value) if known else value.dtype


def _scalar(sort: Any) -> DataType:
    """The scalar type for a numpy dtype or a Python class. Raises Misfit if there is none."""
    if isinstance(sort, np.dtype):
        if sort.kind in "iu" and sort != np.uint64:
            return DataType.integer if np.can_cast(sort, np.int32) else DataType.long
        if sort.kind == "f" and sort.itemsize <= 8:
            return DataType.double if sort.itemsize == 8 else DataType.float
        named = {"b": "boolean", "U": "string", "S": "binary", "M": "datetime"}.get(sort.kind)
        if named:
            return DataType[named]
    elif sort in _PYTHON:
        return _PYTHON[sort]
    elif isinstance(sort, type) and issubclass(sort, (str, datetime.date)):
        return DataType.string if issubclass(sort, str) else DataType.datetime
    raise Misfit(f"{getattr(sort, '__name__', sort)} is not a type that a schema can hold")


def _merged(kinds: set[Kind]) -> Kind:
    """The narrowest type that covers all given types. Raises Misfit if there is none."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if all(kind in _NUMBERS for kind in kinds):
        if kinds <= {DataType.integer, DataType.long}:
            return DataType.long
        return DataType.double
    known = [kind for kind in kinds if not isinstance(kind, AnyType)]
    if len(known) == 1:
        return known[0]
    if all(isinstance(kind, Array) for kind in known):
        return Array(_merged({kind.dtype for kind in known if isinstance(kind, Array)}))
    raise Misfit(f"the values have several types: {sorted(map(repr, kinds))}")


def _tensor(data: Any, name: str | None = None) -> TensorSpec:
    return TensorSpec(data.dtype, (-1, *data.shape[1:]), name)


def _column(series: pd.Series[Any], name: Any) -> ColSpec:
    try:
        kind, required = _of_series(series)
    except Misfit as error:
        return _any(name, error)
    if name is None and not required and kind in (DataType.integer, DataType.long):
        return _any(name, Misfit("some of its integers are missing, and a column without a name cannot be optional"))
    named = name if name is None or isinstance(name, (str, int, tuple)) else str(name)
    return ColSpec(kind, named, required or named is None)


def _of_series(series: pd.Series[Any]) -> Inferred:
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Inferred(_of_series(pd.Series(dtype.categories)).kind, not series.isna().any())
    if isinstance(dtype, pd.DatetimeTZDtype):
        return Inferred(DataType.datetime, not series.isna().any())
    if isinstance(dtype, pd.StringDtype):
        return Inferred(DataType.string, not series.isna().any())
    if isinstance(dtype, pd.SparseDtype):
        return _of_series(series.astype(dtype.subtype))
    plain = dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", None)
    if plain is None or dtype.kind == "O":
        return infer_kind(series.tolist())
    return Inferred(_scalar(plain), not series.isna().any())


def _any(name: Any, error: Misfit) -> ColSpec:
    what = "The input" if name is None else f"The column {name!r}"
    _LOG.warning("%s becomes 'any' in the signature: %s.", what, error)
    return ColSpec(AnyType(), name)


def _inferred(name: str, value: Any) -> ParamSpec:
    listed = isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) == 1
    try:
        items = list(value) if listed else [value]
        # MLflow infers datetime for an empty list; the files must be the same.
        found = infer_kind(items).kind if items else DataType.datetime
    except Misfit as error:
        raise InvalidParameter(f"No type can be inferred for the param {name!r}: {error}") from None
    if not isinstance(found, (DataType, Object)) or (listed and isinstance(found, Object)):
        raise InvalidParameter(
            f"The param {name!r} is {value!r}; a param must be a single value, a list of single values or a dictionary."
        )
    return ParamSpec(name, found, value, (-1,) if listed else None)
