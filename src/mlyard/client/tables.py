"""Tables as artifacts: JSON in pandas' ``split`` orientation (columns and rows), without an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mlyard.client.images import is_image
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.domain.runs import Run

if TYPE_CHECKING:
    import pandas as pd


def frame_of(data: Any, keep_image: Callable[[Any], Any]) -> pd.DataFrame:
    """The data frame of a frame or a dictionary of columns; single values make one row. Raises InvalidParameter."""
    pandas: Any = need("pandas", "models")
    if isinstance(data, dict):
        try:
            frame = pandas.DataFrame(data)
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
    """The content of the table's file."""
    text = frame.to_json(orient="split", index=False, date_format="iso")
    return str(text).encode()


def decoded(content: bytes) -> pd.DataFrame:
    """The data frame in a file. Raises InvalidParameter if the file is not a table."""
    pandas: Any = need("pandas", "models")
    try:
        table = json.loads(content)
        return pandas.DataFrame(table["data"], columns=table["columns"])  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError):
        raise InvalidParameter("The artifact is not a table: it must be JSON with 'columns' and 'data'.") from None


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
