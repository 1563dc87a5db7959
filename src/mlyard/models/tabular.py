"""Tables of what Python has for one: dicts and lists, with the names of a schema where they have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.datatypes import AnyType, Array, DataType, Kind
from mlyard.models.frames import boxed, is_sparse, series
from mlyard.models.schema import ColSpec


def frame_of(data: Any, columns: list[ColSpec]) -> pd.DataFrame:
    """The data as a frame. What came without types of its own (Python's lists and dicts) has object columns."""
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return _named(data.to_frame(), columns) if data.name is None else data.to_frame()
    if isinstance(data, np.ndarray) and data.dtype != object and 0 < data.ndim <= 2:
        return _named(pd.DataFrame(data), columns)
    if data is None or is_sparse(data):
        raise InvalidParameter(f"The model takes a data frame, or what can become one, not {type(data).__name__}.")
    try:
        if isinstance(data, Mapping):
            return _of_dict(data, {spec.name: spec.type for spec in columns})
        if isinstance(data, (list, tuple, np.ndarray)):
            return _of_list(list(data), columns)
        return _named(pd.DataFrame({0: objects([data])}), columns)
    except (ValueError, TypeError) as error:
        raise InvalidParameter(f"The input is no table: {error}") from None


def _named(frame: pd.DataFrame, columns: list[ColSpec]) -> pd.DataFrame:
    """Without names of its own, order rules."""
    names = [spec.name for spec in columns]
    if names[0] is None or names == frame.columns.tolist():
        return frame
    if len(frame.columns) != len(names):
        raise InvalidParameter(
            f"Model is missing inputs {names}. The input has no column names, and {len(frame.columns)} columns "
            f"where the model takes {len(names)}."
        )
    renamed: pd.DataFrame = frame.set_axis(names, axis=1)
    return renamed


def _of_dict(data: Mapping[Any, Any], kinds: Mapping[Any, Kind]) -> pd.DataFrame:
    """One row where every value is one of its column's type, else a column of rows under each key."""
    sorts = {name: _sort(value, kinds.get(name)) for name, value in data.items()}
    listed = [name for name, sort in sorts.items() if sort == "rows"]
    unsure = [name for name, sort in sorts.items() if sort == "either"]
    if "value" not in sorts.values() and (listed or len({len(data[name]) for name in unsure}) == 1):
        listed += unsure
    sizes = {name: len(data[name]) for name in listed}
    if len(set(sizes.values())) > 1:
        raise InvalidParameter(f"The columns are of several lengths: {sizes}.")
    length = next(iter(sizes.values()), 1)
    frame: pd.DataFrame = pd.DataFrame(
        {name: objects(value if name in listed else [value] * length) for name, value in data.items()}
    )
    return frame


def _of_list(data: list[Any], columns: list[ColSpec]) -> pd.DataFrame:
    if data and all(isinstance(item, Mapping) for item in data) and columns[0].name is not None:
        names = dict.fromkeys(name for item in data for name in item)
        frame: pd.DataFrame = pd.DataFrame({name: objects([item.get(name) for item in data]) for name in names})
        return frame
    if len(columns) == 1 and not (isinstance(columns[0].type, DataType) and _depth(data) > 1):
        return _named(pd.DataFrame({0: objects(data)}), columns)
    return _named(pd.DataFrame(data, dtype=object), columns)


def objects(values: Any) -> pd.Series[Any]:
    """A column of the values; only an array has a type of its own."""
    if isinstance(values, (pd.Series, np.ndarray)) and values.ndim == 1:
        return series(values)
    return series(boxed(values))


def _sort(value: Any, kind: Kind | None) -> str:
    """What stands under a column's name: one ``value`` of its type, ``rows`` of such, ``either`` or a ``scalar``."""
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
    if isinstance(value, (np.ndarray, pd.Series)) and value.dtype != object:
        return value.ndim
    if not isinstance(value, (list, tuple, np.ndarray, pd.Series)):
        return 0
    return 1 + next((_depth(item) for item in value if item is not None), 0)
