"""Holding a model's input to its signature: columns by name, types without loss."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.columns import cast_column, is_of_type
from mlyard.models.datatypes import AnyType
from mlyard.models.frames import as_pandas
from mlyard.models.matrix import MatrixPlan, check_names, matrix_plan
from mlyard.models.schema import ColSpec, Schema
from mlyard.models.tabular import frame_of
from mlyard.models.tensors import enforce_tensors

__all__ = ["MatrixPlan", "enforce", "matrix_plan", "select_columns"]


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
    return _cast(_chosen(frame_of(data, columns), columns), columns, from_json)


def select_columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns ``names`` in that order. Raises InvalidParameter that lists what is missing."""
    have = frame.columns.tolist()
    if have == names:
        return frame
    check_names(names, have)
    selected: pd.DataFrame = frame[names]
    return selected


def _cast(frame: pd.DataFrame, columns: list[ColSpec], from_json: bool) -> pd.DataFrame:
    """The frame with each column in its type; the same frame where that is so already."""
    dtypes = frame.dtypes.tolist()
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


def _present(frame: pd.DataFrame, columns: list[ColSpec]) -> list[tuple[int, ColSpec]]:
    if columns[0].name is None:
        return list(enumerate(columns))
    known = {spec.name: spec for spec in columns}
    return [(place, known[name]) for place, name in enumerate(frame.columns)]


def _chosen(frame: pd.DataFrame, columns: list[ColSpec]) -> pd.DataFrame:
    """The schema's columns of the frame, in the schema's order; optional ones may be missing."""
    if columns[0].name is not None:
        there = frame.columns
        return select_columns(frame, [spec.name for spec in columns if spec.required or spec.name in there])
    if len(frame.columns) < len(columns):
        raise InvalidParameter(f"The model takes {len(columns)} columns; the input has {len(frame.columns)}.")
    return frame if len(frame.columns) == len(columns) else frame.iloc[:, : len(columns)]
