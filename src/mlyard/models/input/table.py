"""Converts a model's input to its signature: columns by name, types without loss of information."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.input.columns import cast_cells, cast_frame
from mlyard.models.input.names import found_columns
from mlyard.models.input.tensors import enforce_tensors
from mlyard.models.signature.frames import as_pandas, is_sparse
from mlyard.models.signature.schema import ColSpec, Schema
from mlyard.models.signature.types import AnyType, Array, DataType, Kind


def enforce(data: Any, schema: Schema, from_json: bool = False) -> Any:
    """Convert the input to the schema: a data frame for columns, arrays for tensors.

    Columns are matched by name, or by order if the data has no names; extra columns are dropped. Raises
    InvalidParameter naming the column and the first row that does not fit.

    ``from_json`` means that the values come from JSON or CSV, which lack some types. Then strings of numbers and
    datetimes are parsed, numbers may become strings, binary is base64, and booleans and the numbers 0 and 1 are
    interchangeable.
    """
    data = as_pandas(data)
    if schema.is_tensor_spec():
        return enforce_tensors(data, schema.tensors, from_json)
    columns = schema.columns
    if len(columns) == 1 and columns[0].name is None and isinstance(columns[0].type, AnyType):
        return data
    table = _table_of(data, columns)
    if isinstance(table, pd.DataFrame):
        return cast_frame(table, found_columns(columns, table.columns.tolist()), from_json)
    return cast_cells(table, found_columns(columns, list(table)), from_json)


def _table_of(data: Any, columns: list[ColSpec]) -> pd.DataFrame | dict[Any, Any]:
    """The data as a frame, or as a dict of columns if it is untyped (lists, dicts). Raises InvalidParameter."""
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return _named(data.to_frame(), columns) if data.name is None else data.to_frame()
    if isinstance(data, np.ndarray) and data.dtype != object and 0 < data.ndim <= 2:
        return _named(pd.DataFrame(data), columns)
    if data is None or is_sparse(data):
        raise InvalidParameter(
            f"The model takes a data frame or data that can be converted to one, not {type(data).__name__}."
        )
    if isinstance(data, Mapping):
        return _of_dict(data, {spec.name: spec.type for spec in columns})
    return _of_list(list(data) if isinstance(data, (list, tuple, np.ndarray)) else [data], columns)


def _named(frame: pd.DataFrame, columns: list[ColSpec]) -> pd.DataFrame:
    """Name the columns of an unnamed table by their order."""
    names = [spec.name for spec in columns]
    if names[0] is None or names == frame.columns.tolist():
        return frame
    _check_width(len(frame.columns), names)
    renamed: pd.DataFrame = frame.set_axis(names, axis=1)
    return renamed


def _check_width(width: int, names: list[Any]) -> None:
    if width != len(names):
        raise InvalidParameter(
            f"Model is missing inputs {names}. The input has no column names, and has {width} columns "
            f"instead of {len(names)}."
        )


def _of_dict(data: Mapping[Any, Any], kinds: Mapping[Any, Kind]) -> dict[Any, Any]:
    """A dict as a table: one row if every value is a single value of its column's type, else a column per key."""
    sorts = {name: _sort(value, kinds.get(name)) for name, value in data.items()}
    listed = [name for name, sort in sorts.items() if sort == "rows"]
    unsure = [name for name, sort in sorts.items() if sort == "either"]
    if "value" not in sorts.values() and (listed or len({len(data[name]) for name in unsure}) == 1):
        listed += unsure
    sizes = {name: len(data[name]) for name in listed}
    if len(set(sizes.values())) > 1:
        raise InvalidParameter(f"The columns have different lengths: {sizes}.")
    length = next(iter(sizes.values()), 1)
    return {name: value if name in listed else [value] * length for name, value in data.items()}


def _of_list(data: list[Any], columns: list[ColSpec]) -> dict[Any, Any]:
    named = columns[0].name is not None
    if named and data and all(isinstance(item, Mapping) for item in data):
        names = dict.fromkeys(name for item in data for name in item)
        return {name: [item.get(name) for item in data] for name in names}
    if len(columns) == 1 and not (isinstance(columns[0].type, DataType) and _depth(data) > 1):
        return {columns[0].name if named else 0: data}
    if not all(isinstance(row, (list, tuple, np.ndarray)) for row in data) or len(set(map(len, data))) > 1:
        raise InvalidParameter("The input is not a table: all rows must be lists of the same length.")
    if named and data:
        _check_width(len(data[0]), [spec.name for spec in columns])
    names_or_places = [spec.name for spec in columns] if named else range(len(data[0]) if data else 0)
    return dict(zip(names_or_places, map(list, zip(*data, strict=True)), strict=False))


def _sort(value: Any, kind: Kind | None) -> str:
    """Classify what a column's name maps to: a single ``value``, ``rows`` of values, ``either``, or a ``scalar``."""
    depth = 0
    while isinstance(kind, Array):
        depth, kind = depth + 1, kind.dtype
    found = _depth(value)
    if not found:
        return "scalar"
    if isinstance(kind, AnyType):
        return "value" if depth else "either"
    return "rows" if found > depth else "value"


def _depth(value: Any) -> int:
    # A loop, because a request may be nested more deeply than Python can recurse.
    depth = 0
    while isinstance(value, (list, tuple, np.ndarray, pd.Series)):
        if isinstance(value, (np.ndarray, pd.Series)) and value.dtype != object:
            return depth + value.ndim
        depth += 1
        value = next((item for item in value if item is not None), None)
    return depth
