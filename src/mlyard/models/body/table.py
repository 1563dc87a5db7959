"""Reads the tables of JSON bodies: rows with column names beside them, and rows as objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mlyard.models.body.names import index_of, known_names
from mlyard.models.body.text import InvalidBody
from mlyard.models.signature.schema import Schema


def read_split(content: Any, schema: Schema | None) -> Any:
    """A data frame; the rows as a list, if they have no names and the schema orders them. Raises InvalidBody."""
    rows, columns, index = _parts(content)
    if columns is None and schema is not None and schema.columns and schema.has_input_names():
        return rows
    names: Any = range(len(rows[0])) if columns is None else index_of(known_names(map(_label, columns), schema))
    try:
        frame: pd.DataFrame = pd.DataFrame(rows, index, names, dtype=_dtype(schema))
    except (ValueError, TypeError, AssertionError) as error:
        raise InvalidBody(f"'dataframe_split' is not a table: {error}.") from None
    return frame


def _parts(content: Any) -> tuple[list[Any], list[Any] | None, Any]:
    """The rows, the names and the index of a split table."""
    rows = content.get("data") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise InvalidBody("'dataframe_split' must be an object with the rows as a list under 'data'.")
    columns, index = content.get("columns"), content.get("index")
    if not isinstance(columns, (list, type(None))) or not isinstance(index, (list, type(None))):
        raise InvalidBody("The columns and the index of 'dataframe_split' must be lists.")
    if not rows or columns == [] or all(row == [] for row in rows):
        raise InvalidBody("The input is empty: send at least one row and one column.")
    if not any(isinstance(row, list) for row in rows):
        rows = [[cell] for cell in rows]
    check_width(rows, columns)
    if index is not None and len(index) != len(rows):
        raise InvalidBody(f"The index of 'dataframe_split' has {len(index)} labels for {len(rows)} rows.")
    return rows, columns, index if index is None else index_of(list(map(_label, index)))


def check_width(rows: Sequence[Any], columns: Sequence[Any] | None) -> None:
    """Raises InvalidBody naming the first row that is not a list with one value for each column."""
    width = len(columns if columns is not None else rows[0] if isinstance(rows[0], list) else ())
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise InvalidBody(f"Row {number} must be a list of {width} values, one for each column.")


def read_records(content: Any, schema: Schema | None) -> pd.DataFrame:
    """The data frame of rows that are objects. Raises InvalidBody."""
    if not isinstance(content, list):
        raise InvalidBody("'dataframe_records' must be a list of rows, which are objects.")
    if content and all(isinstance(row, list) for row in content):
        check_width(content, None)
    else:
        for number, row in enumerate(content):
            if not isinstance(row, dict):
                raise InvalidBody(f"Row {number} of 'dataframe_records' must be an object that maps names to values.")
    frame: pd.DataFrame = pd.DataFrame(content, dtype=_dtype(schema))
    have = frame.columns.tolist()
    names = known_names(have, schema)
    return frame if names == have else frame.set_axis(index_of(names), axis=1)


def is_row(content: Any) -> bool:
    """Whether it is a single row by names, rather than columns by names."""
    return isinstance(content, dict) and not any(isinstance(value, (list, dict)) for value in content.values())


def _label(name: Any) -> Any:
    """A name in a frame: JSON has lists for the tuples that name columns of several levels."""
    if isinstance(name, list):
        return tuple(_label(part) for part in name)
    if isinstance(name, dict):
        raise InvalidBody("The columns and the index of 'dataframe_split' must contain single values, not objects.")
    return name


def _dtype(schema: Schema | None) -> Any:
    """With a schema, the values are kept as they are, for it to cast; without one, pandas infers types."""
    return None if schema is None else object
