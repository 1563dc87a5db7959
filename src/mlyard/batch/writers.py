"""Writes predictions chunk by chunk: as the JSON of MLflow's command, JSON lines, CSV or Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mlyard.batch.rows import CSV, JSON, LINES, PARQUET
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.body.write import plain_of, rows_of, text_names
from mlyard.models.signature.frames import as_pandas, dense

_SUFFIXES = {".jsonl": LINES, ".ndjson": LINES, ".parquet": PARQUET}
_COLUMN = "prediction"


class Writer(Protocol):
    """Writes predictions chunk by chunk, in order."""

    def add(self, predictions: Any) -> None:
        """Write the predictions of one chunk."""

    def close(self) -> None:
        """Complete the file, after the last chunk."""


def output_form(file: Path | None) -> str:
    """The format of an output by its file name. A .csv file is written as JSON, as MLflow does."""
    return _SUFFIXES.get(file.suffix.lower(), JSON) if file else JSON


def open_writer(file: Path, form: str) -> Writer:
    """Create a file for predictions in a format."""
    kinds: dict[str, Any] = {JSON: _Json, LINES: _Lines, CSV: _Csv, PARQUET: _Parquet}
    writer: Writer = kinds[form](file)
    return writer


class _Json:
    """``{"predictions": […]}``. Predictions that are not a list of rows can only be written if there is one chunk."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8")
        self._chunks = 0
        self._listed = True

    def add(self, predictions: Any) -> None:
        plain = plain_of(predictions)
        self._listed = isinstance(plain, list)
        if self._chunks and not self._listed:
            raise InvalidParameter(
                f"The model returns a {type(predictions).__name__}, which cannot be combined across chunks. "
                "Set --chunk-rows to at least the number of rows of the input."
            )
        text = json.dumps(plain)
        if self._listed:
            text = f"{', ' if self._chunks else '['}{text[1:-1]}"
        self._stream.write(text if self._chunks else f'{{"predictions": {text}')
        self._chunks += 1

    def close(self) -> None:
        with self._stream:
            self._stream.write("]}" if self._listed else "}")


class _Lines:
    """One prediction per line."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8")

    def add(self, predictions: Any) -> None:
        plain = plain_of(predictions)
        rows = plain if isinstance(plain, list) else [plain]
        self._stream.writelines(f"{json.dumps(row)}\n" for row in rows)

    def close(self) -> None:
        self._stream.close()


class _Csv:
    """The columns of the predictions. A list becomes the column ``prediction``."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8", newline="")
        self._header = True

    def add(self, predictions: Any) -> None:
        frame = frame_of(predictions)
        for place, dtype in enumerate(frame.dtypes):
            if pd.api.types.is_object_dtype(dtype):
                frame.isetitem(place, [_cell(value) for value in frame.iloc[:, place]])
        frame.to_csv(self._stream, index=False, header=self._header)
        self._header = False

    def close(self) -> None:
        self._stream.close()


class _Parquet:
    """The same columns as CSV, with the types of the first chunk."""

    def __init__(self, file: Path) -> None:
        self._arrow: Any = need("pyarrow", "arrow")
        self._parquet: Any = need("pyarrow.parquet", "arrow")
        self._file = file
        self._writer: Any = None

    def add(self, predictions: Any) -> None:
        schema = None if self._writer is None else self._writer.schema
        try:
            table = self._arrow.Table.from_pandas(frame_of(predictions), schema=schema, preserve_index=False)
        except (self._arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise InvalidParameter(
                f"The predictions cannot be written as Parquet: {error}. Write them as jsonl instead."
            ) from None
        if self._writer is None:
            self._writer = self._parquet.ParquetWriter(self._file, table.schema)
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _cell(value: Any) -> Any:
    """A value in a CSV file: lists and objects are JSON, and other values as in JSON."""
    plain = value if isinstance(value, (str, int, float)) else plain_of(value)
    return json.dumps(plain) if isinstance(plain, (list, dict)) else plain


def frame_of(predictions: Any) -> pd.DataFrame:
    """Predictions as a table, whose columns have different names."""
    predictions = as_pandas(predictions)
    if isinstance(predictions, pd.DataFrame):
        return dense(predictions).set_axis(text_names(predictions.columns), axis=1)
    columns = predictions if isinstance(predictions, dict) else {_COLUMN: predictions}
    cells = {str(name): _cells(values) for name, values in columns.items()}
    try:
        return pd.DataFrame(cells)
    except ValueError as error:
        raise InvalidParameter(f"The predictions are not a table: {error}. Write them as json instead.") from None


def _cells(values: Any) -> Any:
    """The cells of a column. A series, and an array of one dimension of numbers or times, keeps its type."""
    if isinstance(values, pd.Series):
        return dense(values.to_frame()).iloc[:, 0].array
    if type(values) is np.ndarray and values.ndim == 1 and values.dtype.kind in "biufmM":
        return values
    rows = rows_of(values)
    return rows if isinstance(rows, list) else [rows]
