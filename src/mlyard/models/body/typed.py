"""Reads bodies with typed columns: Parquet and Arrow IPC. Needs pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter, UnsupportedMediaType
from mlyard.core.lazy import MissingExtra, need
from mlyard.models.body.content_type import ARROW_FILE, PARQUET
from mlyard.models.body.names import index_of, known_names

if TYPE_CHECKING:
    import pandas as pd

    from mlyard.models.signature.schema import Schema


def read_typed(body: bytes, media: str, schema: Schema | None) -> pd.DataFrame:
    """The table in a body. Raises InvalidParameter, and UnsupportedMediaType if pyarrow is not installed."""
    try:
        arrow = need("pyarrow", "arrow")
    except MissingExtra as error:
        raise UnsupportedMediaType(f"This server cannot read {media}: {error}") from None
    try:
        frame = frame_of(_table(arrow, body, media), schema)
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise InvalidParameter(f"The request's body is not valid {media}: {error}") from None
    return frame


def frame_of(table: Any, schema: Schema | None) -> pd.DataFrame:
    """An Arrow table as a data frame. Integers with missing values keep their digits, as objects."""
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True, maps_as_pydicts="strict")
    have = frame.columns.tolist()
    names = known_names(have, schema)
    return frame if names == have else frame.set_axis(index_of(names), axis=1)


def _table(arrow: Any, body: bytes, media: str) -> Any:
    source = arrow.BufferReader(body)
    if media == PARQUET:
        return need("pyarrow.parquet", "arrow").ParquetFile(source).read()
    ipc = need("pyarrow.ipc", "arrow")
    return (ipc.open_file(source) if media == ARROW_FILE else ipc.open_stream(source)).read_all()
