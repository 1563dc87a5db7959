"""Holding a model's input to its signature: columns by name, types without loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.matrix import MatrixPlan, matrix_plan
from mlyard.models.schema import ColSpec, Schema, TensorSpec

__all__ = ["MatrixPlan", "enforce", "matrix_plan", "select_columns"]

_DTYPES: dict[str, Any] = {
    "boolean": np.dtype(bool),
    "integer": np.dtype(np.int32),
    "long": np.dtype(np.int64),
    "float": np.dtype(np.float32),
    "double": np.dtype(np.float64),
    "datetime": np.dtype("datetime64[ns]"),
}


def enforce(data: Any, schema: Schema) -> Any:
    """The input as the schema has it. Raises InvalidParameter that names the column."""
    if schema.columns:
        return _columns(_frame(data, tuple(schema.columns)), tuple(schema.columns))
    spec = schema.inputs[0] if len(schema.inputs) == 1 else None
    return _tensor(data, spec) if isinstance(spec, TensorSpec) and spec.name is None else data


def select_columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns ``names`` in that order. Raises InvalidParameter that lists what is missing."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise InvalidParameter(f"Model is missing inputs {missing}. The input has the columns {list(frame.columns)}.")
    selected: pd.DataFrame = frame[names]
    return selected


def _frame(data: Any, columns: tuple[ColSpec, ...]) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return data.to_frame()
    try:
        frame: pd.DataFrame = pd.DataFrame(data)
    except ValueError as error:
        raise InvalidParameter(f"The input is no table: {error}") from None
    named = isinstance(data, dict) or (isinstance(data, list) and data and isinstance(data[0], dict))
    if not named and len(frame.columns) == len(columns):
        frame.columns = pd.Index([spec.name if spec.name is not None else i for i, spec in enumerate(columns)])
    return frame


def _columns(frame: pd.DataFrame, columns: tuple[ColSpec, ...]) -> pd.DataFrame:
    if any(spec.name is None for spec in columns):
        if len(frame.columns) < len(columns):
            raise InvalidParameter(f"Model inference takes {len(columns)} columns; the input has {len(frame.columns)}.")
        return frame
    names = [str(spec.name) for spec in columns if spec.required or spec.name in frame.columns]
    chosen = select_columns(frame, names)
    wanted = {spec.name: spec for spec in columns}
    cast: pd.DataFrame = pd.DataFrame({n: _cast(chosen[n], wanted[n]) for n in names}, index=chosen.index)
    return cast


def _cast(values: pd.Series[Any], spec: ColSpec) -> pd.Series[Any]:
    target = _DTYPES.get(str(spec.type.to_dict()["type"]))
    if target is None or values.dtype == target:
        return values
    if spec.required is False and values.isna().all():
        return values
    if not _lossless(values, target):
        raise InvalidParameter(
            f"Incompatible input types for column {spec.name}. Can not safely convert {values.dtype} to {spec.type!r}."
        )
    try:
        return values.astype(target)
    except (ValueError, TypeError) as error:
        raise InvalidParameter(f"Failed to convert column {spec.name} to type '{spec.type}': {error}") from None


def _lossless(values: pd.Series[Any], target: np.dtype[Any]) -> bool:
    kind = values.dtype.kind
    if target.kind == "M":
        return kind in "MOU" or not isinstance(values.dtype, np.dtype)
    if kind in "iu" and target.kind == "f":
        return target.itemsize == 8 or np.dtype(str(values.dtype).lower()).itemsize <= 2
    if kind in "iu" and target.kind == "i":
        limits = np.iinfo(target)
        return bool(values.between(limits.min, limits.max).all())
    if kind == "f" and target.kind == "f":
        return True
    return kind == "O" and bool(values.isna().all())


def _tensor(data: Any, spec: TensorSpec) -> Any:
    array = data.to_numpy() if isinstance(data, (pd.DataFrame, pd.Series)) else np.asarray(data)
    target = spec.type
    if array.dtype != target:
        if not (array.dtype.kind in "iuf" and target.kind == "f") and not np.can_cast(array.dtype, target, "same_kind"):
            raise InvalidParameter(f"The input's dtype {array.dtype} cannot be converted to {spec.type} without loss.")
        array = array.astype(target)
    if len(array.shape) != len(spec.shape) or any(
        w not in (-1, n) for n, w in zip(array.shape, spec.shape, strict=True)
    ):
        raise InvalidParameter(f"The input's shape {array.shape} does not fit the model's shape {spec.shape}.")
    return array
