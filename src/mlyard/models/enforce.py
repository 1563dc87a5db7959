"""Holding a model's input to its signature: columns by name, types without loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.datatypes import AnyType, DataType, Misfit
from mlyard.models.frames import as_pandas, series
from mlyard.models.matrix import MatrixPlan, check_names, matrix_plan
from mlyard.models.schema import ColSpec, Schema
from mlyard.models.tabular import frame_of, objects
from mlyard.models.tensors import enforce_tensors
from mlyard.models.values import cast_array, fitted, is_missing

__all__ = ["MatrixPlan", "enforce", "matrix_plan", "select_columns"]


_INTEGERS = (DataType.integer, DataType.long)
_SAME = {kind: kind.to_numpy() for kind in DataType if kind.to_pandas() is not object}


def enforce(data: Any, schema: Schema, from_json: bool = False) -> Any:
    """The input as the schema has it: a data frame for columns, arrays for tensors.

    Columns are matched by name, extra ones dropped; where the data has no names, order rules. Raises
    InvalidParameter that names the column, and the first row that does not fit.

    ``from_json``: the values come from JSON or CSV and have no types of their own, so texts of numbers and
    moments are read, binary is base64, and 0 and 1 are booleans.
    """
    data = as_pandas(data)
    if schema.is_tensor_spec():
        return enforce_tensors(data, schema.tensors, from_json)
    columns = schema.columns
    if len(columns) == 1 and columns[0].name is None and isinstance(columns[0].type, AnyType):
        return data
    frame = _chosen(frame_of(data, columns), columns)
    cast = {place: _cast(frame.iloc[:, place], spec, from_json) for place, spec in _present(frame, columns)}
    if all(values is None for values in cast.values()):
        return frame
    names = frame.columns
    frame = pd.DataFrame(
        {place: frame.iloc[:, place] if values is None else values for place, values in cast.items()}, index=frame.index
    )
    frame.columns = names
    return frame


def select_columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns ``names`` in that order. Raises InvalidParameter that lists what is missing."""
    have = frame.columns.tolist()
    if have == names:
        return frame
    check_names(names, have)
    selected: pd.DataFrame = frame[names]
    return selected


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


def _cast(values: pd.Series[Any], spec: ColSpec, from_json: bool) -> pd.Series[Any] | None:
    """The column in the type of the schema; None if it is that already. Raises InvalidParameter."""
    dtype: Any = values.dtype
    if isinstance(spec.type, AnyType):
        return series(values.infer_objects()) if dtype.kind == "O" else None
    if not isinstance(spec.type, DataType):
        return _fit_each(values, spec, from_json)
    if spec.type in _SAME and dtype == _SAME[spec.type]:
        return None
    if isinstance(dtype, pd.CategoricalDtype):
        # Categories stay, for models that are trained on them, if each of them is of the schema's type.
        _cast(pd.Series(dtype.categories, name=values.name), spec, from_json=False)
        return None
    if dtype.kind != "O" and not from_json:
        return _cast_typed(values, spec)
    is_text = isinstance(dtype, pd.StringDtype) and spec.type is DataType.string
    return None if is_text else _of_objects(values.astype(object), spec, from_json)


def _cast_typed(values: pd.Series[Any], spec: ColSpec) -> pd.Series[Any]:
    assert isinstance(spec.type, DataType)
    dtype: Any = values.dtype
    target = spec.type.to_numpy()
    if isinstance(dtype, pd.DatetimeTZDtype) and spec.type is DataType.datetime:
        return series(values.dt.as_unit("ns"))
    missing = values.isna()
    plain = dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", None)
    if plain is not None and not (missing.any() and plain is not dtype):
        cast = cast_array(values.to_numpy(plain), target)
        if cast is not None:
            return series(cast, index=values.index)
    elif plain is not None and cast_array(np.empty(0, plain), target) is not None and _may_miss(spec):
        return _of_objects(values.astype(object), spec, from_json=False)
    if spec.type in _INTEGERS and not spec.required and dtype.kind == "f" and missing.any():
        return _of_objects(values.astype(object), spec, from_json=False)
    raise _refusal(values, spec, missing)


def _may_miss(spec: ColSpec) -> bool:
    """Whether numpy has a place for what is missing, or the schema allows a nullable column."""
    return spec.type not in _INTEGERS or not spec.required


def _of_objects(values: pd.Series[Any], spec: ColSpec, from_json: bool) -> pd.Series[Any]:
    """A column of Python's values: each is held to the type on its own."""
    assert isinstance(spec.type, DataType)
    cells = [None if is_missing(value) else value for value in values]
    if spec.required and spec.type in _INTEGERS and None in cells:
        raise _misfit(spec, values, cells.index(None), Misfit("integers cannot be missing"))
    fit = [cell if cell is None else _fit(cell, spec, values, row, from_json) for row, cell in enumerate(cells)]
    return series(fit, index=values.index, dtype=_dtype(spec.type, None in fit))


def _dtype(kind: DataType, missing: bool) -> Any:
    """The dtype of a column of such values: nullable for integers that are missing."""
    if missing and kind in _INTEGERS:
        return "Int32" if kind is DataType.integer else "Int64"
    return object if missing and kind is DataType.boolean else kind.to_pandas()


def _fit_each(values: pd.Series[Any], spec: ColSpec, from_json: bool) -> pd.Series[Any]:
    cells = [
        cell if not spec.required and _is_none(cell) else _fit(cell, spec, values, row, from_json)
        for row, cell in enumerate(values)
    ]
    return series(objects(cells).to_numpy(), index=values.index, dtype=object)


def _is_none(cell: Any) -> bool:
    return not isinstance(cell, (list, Mapping, np.ndarray)) and is_missing(cell)


def _fit(cell: Any, spec: ColSpec, values: pd.Series[Any], row: int, from_json: bool) -> Any:
    try:
        return fitted(cell, spec.type, from_json)
    except Misfit as error:
        raise _misfit(spec, values, row, error) from None


def _label(spec: ColSpec, values: pd.Series[Any]) -> Any:
    return values.name if spec.name is None else spec.name


def _misfit(spec: ColSpec, values: pd.Series[Any], row: int, error: Misfit) -> InvalidParameter:
    return InvalidParameter(
        f"Incompatible input types for column {_label(spec, values)}, row {row}: {error} ({spec.type!r} is asked)."
    )


def _refusal(values: pd.Series[Any], spec: ColSpec, missing: pd.Series[bool]) -> InvalidParameter:
    hint = ""
    if missing.any() and spec.type in _INTEGERS:
        row = int(np.argmax(missing.to_numpy()))
        hint = f" Row {row} is missing, which integers cannot be: make it an optional column, or a double."
    elif values.dtype == np.float64 and spec.type is DataType.float:
        hint = " It would lose digits: convert it yourself, with astype('float32')."
    return InvalidParameter(
        f"Incompatible input types for column {_label(spec, values)}. "
        f"Can not safely convert {values.dtype} to {spec.type!r}.{hint}"
    )
