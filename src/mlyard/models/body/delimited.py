"""Reads CSV: of a request as a whole, of a file in chunks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import IO, Any

import numpy as np
import pandas as pd

from mlyard.models.body.names import index_of, known_names
from mlyard.models.body.text import InvalidBody
from mlyard.models.signature.schema import Schema, TensorSpec
from mlyard.models.signature.types import DataType

_TEXTS = (DataType.string, DataType.binary, DataType.datetime, DataType.integer, DataType.long)
"""These types are read as texts: ``007`` stays as it is, and long integers with missing values keep their digits."""
_MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""What pandas reads as a missing value. In a column of strings, only an empty cell is one."""
# From version 3.1 on, pandas reads every digit of a number by default.
_ALL_DIGITS: dict[str, Any] = (
    {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}
)


_ALL_ROWS = 2**31 - 1


def read_csv(body: bytes, schema: Schema | None) -> pd.DataFrame:
    """The rows of a CSV body. ``schema``: the model's input. Raises InvalidBody."""
    return next(csv_chunks(BytesIO(body), schema, None), pd.DataFrame())


def csv_chunks(stream: IO[bytes], schema: Schema | None, rows: int | None) -> Iterator[pd.DataFrame]:
    """Frames of up to ``rows`` rows; None means all rows. A file with only a header has no frames.

    Equal column names are kept. In a file of one column, an empty line is an empty cell; otherwise it is skipped.
    Raises InvalidBody if the text is not CSV, or a row has more cells than the header.
    """
    text = TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        names = known_names(_header(text), schema)
        with pd.read_csv(text, chunksize=rows or _ALL_ROWS, **_options(names, schema)) as reader:
            first = 0
            for frame in reader:
                if len(frame):
                    yield _named(frame, names, first)
                first += len(frame)
    except (ValueError, csv.Error, pd.errors.ParserWarning) as error:
        raise InvalidBody(f"The input is not valid CSV: {error}") from None
    finally:
        text.detach()  # the stream belongs to the caller


def _header(text: TextIOWrapper) -> list[str]:
    """The names in the first line that is not empty. pandas would rename equal ones."""
    names = next((row for row in csv.reader(text, strict=True) if row), None)
    if names is None:
        raise InvalidBody("The input is not valid CSV: it is empty, and the first line must name the columns.")
    return [name or f"Unnamed: {place}" for place, name in enumerate(names)]


def _options(names: list[Any], schema: Schema | None) -> dict[str, Any]:
    """How pandas reads rows with these columns, and one more, where the first cell beyond the header goes."""
    width = len(names)
    kinds = _kinds(names, schema)
    options: dict[str, Any] = {
        "header": None,
        "names": range(width + 1),
        "index_col": False,
        "skip_blank_lines": width > 1,
        "dtype": {place: str for place, kind in enumerate(kinds) if _is_text(kind)} | {width: str},
        **_ALL_DIGITS,
    }
    if schema is None:
        return options
    missing = {place: [""] if kind in _LITERAL else _MISSING for place, kind in enumerate(kinds)}
    return {**options, "keep_default_na": False, "na_values": {**missing, width: [""]}}


_LITERAL = (DataType.string, DataType.binary, np.dtype(str), np.dtype(bytes))


def _kinds(names: list[Any], schema: Schema | None) -> list[Any]:
    """The type of each column in the schema; None if it is not in the schema."""
    if schema is None:
        return [None] * len(names)
    types = [_text_dtype(spec) if isinstance(spec, TensorSpec) else spec.type for spec in schema.inputs]
    if schema.has_input_names():
        known = dict(zip(schema.input_names(), types, strict=True))
        return [known.get(name) for name in names]
    if schema.is_tensor_spec():
        return types * len(names)
    return [types[place] if place < len(types) else None for place in range(len(names))]


def _text_dtype(spec: TensorSpec) -> Any:
    return np.dtype(spec.type.kind) if spec.type.kind in "US" else spec.type


def _is_text(kind: Any) -> bool:
    return kind in _TEXTS if isinstance(kind, DataType) else isinstance(kind, np.dtype) and kind.kind in "iuMUS"


def _named(frame: pd.DataFrame, names: list[Any], first: int) -> pd.DataFrame:
    beyond = frame.iloc[:, -1].notna().to_numpy()
    if beyond.any():
        raise InvalidBody(
            f"The input is not valid CSV: row {first + int(beyond.argmax())} has more cells than the header, "
            f"which names {len(names)} columns."
        )
    made: pd.DataFrame = frame.iloc[:, :-1].set_axis(index_of(names), axis=1).reset_index(drop=True)
    return made
