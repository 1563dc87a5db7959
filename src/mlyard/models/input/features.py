"""Matches the input to the features that a model was trained on: by name, or by order for input without names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.models.input.names import select_columns

if TYPE_CHECKING:
    import pandas as pd


def matched(data: Any, names: Sequence[str] | None) -> Any:
    """The input as a data frame with the columns ``names``, in that order.

    Columns are selected by name; rows without names are named by their order. If ``names`` is None, the model knows no
    names and the order of the columns is kept. Sparse matrices are returned unchanged. Raises InvalidParameter if
    columns are missing, or if unnamed rows have the wrong number of columns.
    """
    import numpy as np
    import pandas as pd

    if hasattr(data, "tocsr"):
        return data
    if isinstance(data, dict) or (isinstance(data, list) and data and isinstance(data[0], dict)):
        data = pd.DataFrame(data)
    if isinstance(data, pd.Series):
        data = data.to_frame()
    if isinstance(data, pd.DataFrame):
        return _of_frame(data, names)
    array = np.asarray(data)
    return array if names is None else _named(pd.DataFrame(_rows(array)), names)


def unnamed(frame: pd.DataFrame) -> bool:
    """Whether the columns of a frame are numbered instead of named."""
    return all(isinstance(name, int) for name in frame.columns)


def _of_frame(frame: pd.DataFrame, names: Sequence[str] | None) -> Any:
    if names is None:
        return frame.to_numpy() if unnamed(frame) else frame
    return _named(frame, names) if unnamed(frame) else select_columns(frame, list(names))


def _named(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    if len(frame.columns) != len(names):
        raise InvalidParameter(f"The model takes {len(names)} columns; the input has {len(frame.columns)}.")
    named: pd.DataFrame = frame.set_axis(list(names), axis=1)
    return named


def _rows(array: Any) -> Any:
    if array.ndim != 2:
        raise InvalidParameter(f"The model takes rows of features; the input has the shape {array.shape}.")
    return array
