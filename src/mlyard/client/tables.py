"""Tables as artifacts: JSON in pandas' ``split`` orientation (columns and rows), without an index."""

from __future__ import annotations

import datetime
import json
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from mlyard.client.images import is_image
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.unicode import not_unicode
from mlyard.domain.limits import MAX_TAG_VALUE
from mlyard.domain.runs import Run

_EXACT = 2**53  # the integers up to it are floats too
_INFINITE = (math.inf, -math.inf)

if TYPE_CHECKING:
    import pandas as pd


def frame_of(data: Any, keep_image: Callable[[Any], Any]) -> pd.DataFrame:
    """The data frame of a frame or a dictionary of columns; single values make one row. Raises InvalidParameter."""
    pandas: Any = need("pandas", "models")
    if isinstance(data, dict):
        try:
            frame = pandas.DataFrame(data)
        except UnicodeEncodeError as error:
            raise not_unicode(error) from None
        except ValueError as error:
            if "scalar" not in str(error):
                raise InvalidParameter(f"These columns do not make a table: {error}.") from None
            frame = pandas.DataFrame([data])
    elif isinstance(data, pandas.DataFrame):
        frame = data
    else:
        raise InvalidParameter(f"A table must be a dictionary of columns or a data frame, not a {type(data).__name__}.")
    return frame.map(lambda value: keep_image(value) if is_image(value) else value)  # type: ignore[no-any-return]


def encoded(frame: pd.DataFrame) -> bytes:
    """The content of the table's file. Raises InvalidParameter naming the column of a value that cannot be stored."""
    columns = [_column(frame, place) for place in range(frame.shape[1])]
    names = [_cell(name) for name in frame.columns]
    return msgspec.json.encode({"columns": names, "data": list(zip(*columns, strict=True))})


def _column(frame: pd.DataFrame, place: int) -> list[msgspec.Raw]:
    try:
        return [msgspec.Raw(msgspec.json.encode(_cell(value))) for value in frame.iloc[:, place].tolist()]
    except (TypeError, ValueError, RecursionError) as error:  # ValueError: half a surrogate pair, NaN as a key
        raise InvalidParameter(
            f"The column {frame.columns[place]!r} has a value that a table cannot hold: {error}."
        ) from None


def _cell(value: Any) -> Any:
    """A value as JSON can represent it exactly: times and decimals are texts, infinities are numbers out of range."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Mapping):
        return {_name(key): _cell(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cell(each) for each in value]
    if hasattr(value, "tolist"):  # NumPy's arrays and scalars
        return _cell(value.tolist())
    return _number(value) if isinstance(value, (int, float)) else _text(value)


def _number(value: float) -> Any:
    if isinstance(value, int):
        return msgspec.Raw(str(value).encode())
    if math.isinf(value):
        return msgspec.Raw(b"1e999" if value > 0 else b"-1e999")  # JSON has no name for it; readers get an infinity
    return None if math.isnan(value) else value


def _name(key: Any) -> str:
    if not isinstance(key, (str, int, float)):
        raise TypeError(f"a dictionary with the key {key!r}")
    return str(key)


def _text(value: Any) -> str | None:
    pandas: Any = need("pandas", "models")
    if value is pandas.NaT or value is pandas.NA:
        return None
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value.isoformat()) if hasattr(value, "isoformat") else str(pandas.Timedelta(value).isoformat())
    if isinstance(value, (Decimal, uuid.UUID, PurePath)):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"{value!r} is of type {type(value).__name__}")


def decoded(content: bytes) -> pd.DataFrame:
    """The data frame in a file. Raises InvalidParameter if the file is not a table."""
    pandas: Any = need("pandas", "models")
    try:
        table = json.loads(content)
        frame = pandas.DataFrame(table["data"], columns=table["columns"], dtype=object)
    except (ValueError, KeyError, TypeError):
        raise InvalidParameter("The artifact is not a table: it must be JSON with 'columns' and 'data'.") from None
    made = pandas.DataFrame({place: _typed(frame.iloc[:, place]) for place in range(frame.shape[1])}, frame.index)
    made.columns = frame.columns
    return made  # type: ignore[no-any-return]


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    """The column as pandas infers it; integers beside missing values stay exact."""
    values = [value for value in column if value is not None]
    if len(values) == len(column):
        return column.infer_objects()
    is_float = bool(values) and all(
        type(value) in {int, float} and int(abs(value)) <= _EXACT for value in values if value not in _INFINITE
    )
    return column.astype(float) if is_float else column


def with_columns(frame: pd.DataFrame, run: Run, names: Sequence[str]) -> pd.DataFrame:
    """The table with added columns: attributes, params, metrics or tags of its run. Raises InvalidParameter."""
    for name in names:
        frame[name] = _of_run(run, name)
    return frame


def _of_run(run: Run, name: str) -> Any:
    if hasattr(run.info, name):
        return getattr(run.info, name)
    for values in (run.data.params, run.data.metrics, run.data.tags):
        if name in values:
            return values[name]
    raise InvalidParameter(f"The run {run.info.run_id} has no attribute, param, metric or tag {name!r}.")


def entry_of(path: str) -> dict[str, str]:
    """The entry for a table in the tag that lists a run's tables."""
    return {"path": path, "type": "table"}


def may_have(listed: str, path: str) -> bool:
    """Whether a run may have a table: the tag lists it, or has no room for it."""
    entry = json.dumps(entry_of(path))
    return entry in listed or len(listed) + len(entry) + 2 > MAX_TAG_VALUE
