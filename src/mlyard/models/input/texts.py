"""Reads the texts in a model's input: a string, a list, a series, or the only column of a table."""

from __future__ import annotations

from typing import Any

from mlyard.core.errors import InvalidParameter


def texts_of(data: Any) -> list[str]:
    """The texts as a list. Raises InvalidParameter if there are several columns or a value is not a string."""
    import pandas as pd

    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        data = pd.DataFrame({name: [value] if isinstance(value, str) else value for name, value in data.items()})
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        data = pd.DataFrame(data)
    if isinstance(data, pd.DataFrame):
        if len(data.columns) != 1:
            raise InvalidParameter(f"The model takes one column of texts; the input has {list(data.columns)}.")
        data = data.iloc[:, 0]
    values = data.ravel().tolist() if hasattr(data, "ravel") and hasattr(data, "shape") else list(data)
    for value in values:
        if not isinstance(value, str):
            raise InvalidParameter(f"The model takes texts; the input has {value!r}.")
    return values
