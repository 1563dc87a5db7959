"""Converts tables of other libraries to pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd

_NULLABLE = {
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64",
}  # fmt: skip


def as_pandas(data: Any) -> Any:
    """Convert a data frame or series of polars to pandas, keeping its types; return anything else unchanged."""
    if not type(data).__module__.startswith("polars."):
        return data
    if hasattr(data, "collect") and not hasattr(data, "get_columns"):
        data = data.collect()
    if hasattr(data, "get_columns"):
        return pd.DataFrame({column.name: _series(column) for column in data.get_columns()})
    return _series(data) if hasattr(data, "to_list") else data


def dense(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without sparse columns; the same frame if it has none."""
    sparse = [place for place, dtype in enumerate(frame.dtypes) if isinstance(dtype, pd.SparseDtype)]
    if not sparse:
        return frame
    columns: dict[int, Any] = {place: frame.iloc[:, place] for place in range(frame.shape[1])}
    made = pd.DataFrame({place: c.sparse.to_dense() if place in sparse else c for place, c in columns.items()})
    made.columns = frame.columns
    return made


def is_sparse(data: Any) -> bool:
    """Whether the data is a sparse matrix or sparse array of scipy."""
    return type(data).__module__.startswith("scipy.sparse")


def _series(column: Any) -> pd.Series[Any]:
    kind, missing = str(column.dtype), column.null_count() > 0
    made: pd.Series[Any]
    if not missing and (kind in _NULLABLE or kind == "Boolean"):
        made = pd.Series(column.to_numpy())
    elif kind in _NULLABLE or kind == "Boolean":
        made = pd.Series(column.to_list(), dtype=kind if kind in _NULLABLE else "boolean")
    elif kind.startswith("Datetime") and "time_zone=None" in kind:
        made = pd.Series(column.to_numpy())
    else:
        made = pd.Series(column.to_list(), dtype="str" if kind == "String" else object)
    made.name = column.name or None
    return made
