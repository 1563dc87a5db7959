"""Holding a model's input to its signature: columns by name, types without loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.columns import cast_cells, cast_column, is_of_type
from mlyard.models.datatypes import AnyType, DataType, Kind
from mlyard.models.frames import as_pandas
from mlyard.models.matrix import MatrixPlan, check_names, matrix_plan
from mlyard.models.schema import ColSpec, Schema
from mlyard.models.tabular import table_of
from mlyard.models.tensors import enforce_tensors
from mlyard.models.values import cast_array

__all__ = ["MatrixPlan", "enforce", "enforce_rows", "matrix_plan", "select_columns"]


def enforce(data: Any, schema: Schema, from_json: bool = False) -> Any:
    """The input as the schema has it: a data frame for columns, arrays for tensors.

    Columns are matched by name, extra ones dropped; where the data has no names, order rules. Raises
    InvalidParameter that names the column, and the first row that does not fit.

    ``from_json``: the values come from JSON or CSV, which have no types of their own for all: texts of numbers
    and moments are read, numbers are texts, binary is base64, and 0 and 1 are booleans and the other way round.
    """
    data = as_pandas(data)
    if schema.is_tensor_spec():
        return enforce_tensors(data, schema.tensors, from_json)
    columns = schema.columns
    if len(columns) == 1 and columns[0].name is None and isinstance(columns[0].type, AnyType):
        return data
    table = table_of(data, columns)
    if isinstance(table, pd.DataFrame):
        return _cast(_chosen(table, columns), columns, from_json)
    return _of_cells(table, columns, from_json)


def enforce_rows(columns: Sequence[Any] | None, rows: Sequence[Any], schema: Schema) -> Any:
    """What ``enforce`` makes of a table in JSON; faster than through a frame of it, for any schema of columns.

    ``columns``: the names of the cells of each row; None where they come in the schema's order.
    """
    specs = schema.columns
    if not specs or columns is None:
        return enforce(list(rows), schema, from_json=True)
    for number, row in enumerate(rows):
        if not isinstance(row, (list, tuple)) or len(row) != len(columns):
            raise InvalidParameter(f"Row {number} is no list of {len(columns)} values, one for each column.")
    if specs[0].name is not None:
        check_names([spec.name for spec in specs if spec.required or spec.name in columns], list(columns))
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    return _of_cells({name: list(values) for name, values in zip(columns, cells, strict=True)}, specs, from_json=True)


def select_columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns ``names`` in that order. Raises InvalidParameter that lists what is missing."""
    have = frame.columns.tolist()
    if have == names:
        return frame
    check_names(names, have)
    places = {name: place for place, name in enumerate(have)}
    selected: pd.DataFrame = frame.take([places[name] for name in names], axis=1)  # cheaper than by the names
    return selected


def _of_cells(cells: dict[Any, Any], columns: list[ColSpec], from_json: bool) -> pd.DataFrame:
    if columns[0].name is None:
        _check_number(len(cells), columns)
        known = dict(zip(cells, columns, strict=False))
    else:
        known = {spec.name: spec for spec in columns if spec.required or spec.name in cells}
        check_names(list(known), list(cells))
    made: pd.DataFrame = pd.DataFrame(
        {name: cast_cells(cells[name], spec, name, from_json) for name, spec in known.items()}
    )
    return made


def _check_number(given: int, columns: list[ColSpec]) -> None:
    if given < len(columns):
        raise InvalidParameter(f"The model takes {len(columns)} columns; the input has {given}.")


def _cast(frame: pd.DataFrame, columns: list[ColSpec], from_json: bool) -> pd.DataFrame:
    """The frame with each column in its type; the same frame where that is so already."""
    dtypes = frame.dtypes.tolist()
    whole = _cast_whole(frame, set(dtypes), {spec.type for spec in columns})
    if whole is not None:
        return whole
    cast = {
        place: cast_column(frame.iloc[:, place], spec, from_json)
        for place, spec in _present(frame, columns)
        if not is_of_type(dtypes[place], spec)
    }
    if all(values is None for values in cast.values()):
        return frame
    made: pd.DataFrame = pd.DataFrame(
        {place: frame.iloc[:, place].array if cast.get(place) is None else cast[place] for place in range(len(dtypes))},
        index=frame.index,
    )
    made.columns = frame.columns
    return made


def _cast_whole(frame: pd.DataFrame, dtypes: set[Any], kinds: set[Kind]) -> pd.DataFrame | None:
    """The frame cast at once, where all its columns are numbers of one type and shall be of one other."""
    if len(dtypes) > 1 or len(kinds) > 1 or not frame.size:
        return None
    (dtype,), (kind,) = dtypes, kinds
    if not (isinstance(dtype, np.dtype) and dtype.kind in "iuf" and isinstance(kind, DataType)):
        return None
    if dtype == kind.to_numpy():
        return frame
    cast = cast_array(frame.to_numpy(), kind.to_numpy())
    made: pd.DataFrame | None = None
    if cast is not None:
        made = pd.DataFrame(cast, columns=frame.columns, index=frame.index, copy=False)
    return made


def _present(frame: pd.DataFrame, columns: list[ColSpec]) -> list[tuple[int, ColSpec]]:
    if columns[0].name is None:
        return list(enumerate(columns))
    known = {spec.name: spec for spec in columns}
    return [(place, known[name]) for place, name in enumerate(frame.columns)]


def _chosen(frame: pd.DataFrame, columns: list[ColSpec]) -> pd.DataFrame:
    """The schema's columns of the frame, in the schema's order; optional ones may be missing."""
    if columns[0].name is not None:
        there = set(frame.columns.tolist())
        return select_columns(frame, [spec.name for spec in columns if spec.required or spec.name in there])
    _check_number(len(frame.columns), columns)
    return frame if len(frame.columns) == len(columns) else frame.iloc[:, : len(columns)]
