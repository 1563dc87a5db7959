"""Predictions written as they come: JSON as MLflow's command prints it, JSON lines, CSV or Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
import pandas as pd

from mlyard.batch.rows import CSV, JSON, LINES, PARQUET
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need

_SUFFIXES = {".jsonl": LINES, ".ndjson": LINES, ".parquet": PARQUET}
_COLUMN = "prediction"


class Answers(Protocol):
    """Takes predictions chunk by chunk, in order."""

    def add(self, predictions: Any) -> None:
        """One chunk's."""

    def close(self) -> None:
        """There are no more."""


def answer_form(file: Path | None) -> str:
    """The form that the output's name tells of. JSON also for .csv, as MLflow has it."""
    return _SUFFIXES.get(file.suffix.lower(), JSON) if file else JSON


def open_answers(file: Path, form: str) -> Answers:
    """A new file of predictions."""
    kinds: dict[str, Any] = {JSON: _Json, LINES: _Lines, CSV: _Csv, PARQUET: _Parquet}
    answers: Answers = kinds[form](file)
    return answers


class _Json:
    """``{"predictions": […]}``; what is no list of rows can come once only."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8")
        self._chunks = 0
        self._listed = True

    def add(self, predictions: Any) -> None:
        plain = plain_of(predictions)
        self._listed = isinstance(plain, list)
        if self._chunks and not self._listed:
            raise InvalidParameter(
                f"The model answers with a {type(predictions).__name__}, which cannot be put together from chunks. "
                "Give --chunk-rows, as many as the input has."
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
    """A prediction a line."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8")

    def add(self, predictions: Any) -> None:
        plain = plain_of(predictions)
        rows = plain if isinstance(plain, list) else [plain]
        self._stream.writelines(f"{json.dumps(row)}\n" for row in rows)

    def close(self) -> None:
        self._stream.close()


class _Csv:
    """The columns of the predictions; of a list, the column ``prediction``."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8", newline="")
        self._header = True

    def add(self, predictions: Any) -> None:
        frame_of(predictions).to_csv(self._stream, index=False, header=self._header)
        self._header = False

    def close(self) -> None:
        self._stream.close()


class _Parquet:
    """The same columns, with the types that the first chunk has."""

    def __init__(self, file: Path) -> None:
        self._arrow: Any = need("pyarrow", "arrow")
        self._parquet: Any = need("pyarrow.parquet", "arrow")
        self._file = file
        self._writer: Any = None

    def add(self, predictions: Any) -> None:
        frame = frame_of(predictions)
        if self._writer is None:
            table = self._arrow.Table.from_pandas(frame, preserve_index=False)
            self._writer = self._parquet.ParquetWriter(self._file, table.schema)
        else:
            table = self._arrow.Table.from_pandas(frame, schema=self._writer.schema, preserve_index=False)
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def plain_of(predictions: Any) -> Any:
    """Predictions as JSON has them; NaN and infinities, which it cannot hold, become null."""
    if isinstance(predictions, pd.DataFrame):
        predictions = predictions.to_dict(orient="records")
    return msgspec.json.decode(msgspec.json.encode(predictions, enc_hook=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return value.to_dict(orient="records")
    return value.tolist() if hasattr(value, "tolist") else str(value)


def frame_of(predictions: Any) -> pd.DataFrame:
    """Predictions as a table."""
    if isinstance(predictions, pd.DataFrame):
        frame: pd.DataFrame = predictions.rename(columns=str)
    elif isinstance(predictions, dict):
        frame = pd.DataFrame(predictions)
    else:
        values = predictions.tolist() if isinstance(predictions, (np.ndarray, pd.Series)) else list(predictions)
        frame = pd.DataFrame({_COLUMN: values})
    return frame
