"""Reads files to score in chunks of rows: CSV, JSON as the scoring server accepts it, JSON lines, Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec

from mlyard.batch.json_scan import Scanner
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.lazy import need
from mlyard.models.body.delimited import csv_chunks
from mlyard.models.body.read import KEYS, WHOLE_BODIES, Payload, read_content
from mlyard.models.body.text import decode_json
from mlyard.models.body.typed import frame_of
from mlyard.models.signature.signature import ModelSignature

CSV, JSON, LINES, PARQUET = "csv", "json", "jsonl", "parquet"
FORMS = (CSV, JSON, LINES, PARQUET)
_SUFFIXES = {".csv": CSV, ".jsonl": LINES, ".ndjson": LINES, ".parquet": PARQUET}
_LIST = "list"


class Chunk(msgspec.Struct, frozen=True):
    """Rows for one call of the model.

    ``done``: how much of the file was read up to the end of this chunk, in the unit of ``size_of``. ``number``
    starts at 1.
    """

    payload: Payload
    done: int
    number: int = 1


def failure(error: Exception, number: int) -> MlyardError:
    """The error to raise when a model fails on a chunk."""
    if isinstance(error, MlyardError):
        return type(error)(f"{error.message} (chunk {number} of the input)")
    return MlyardError(f"The model failed on chunk {number} of the input: {type(error).__name__}: {error}")


def form_of(file: Path | None) -> str:
    """The format of a file by its name; JSON if the name does not say."""
    return _SUFFIXES.get(file.suffix.lower(), JSON) if file else JSON


def size_of(file: Path, form: str) -> int:
    """The size of a file: rows for Parquet, else bytes. Raises InvalidParameter when it cannot be opened."""
    if form == PARQUET:
        return int(_parquet(file).metadata.num_rows)
    try:
        return file.stat().st_size
    except OSError as error:
        raise InvalidParameter(f"The input {str(file)!r} cannot be read: {error.strerror}.") from None


def read_chunks(file: Path, form: str, rows: int, signature: ModelSignature | None) -> Iterator[Chunk]:
    """Chunks of up to ``rows`` rows. ``signature``: the model's.

    Raises InvalidParameter if the file is not valid in its format, or has no rows.
    """
    readers = {CSV: _read_csv, JSON: _read_json, LINES: _read_lines, PARQUET: _read_parquet}
    chunks = readers[form](file, rows, signature)
    first = next(chunks, None)
    if first is None:
        raise _empty(file)
    for number, chunk in enumerate(chain([first], chunks), 1):
        yield msgspec.structs.replace(chunk, number=number)


def _empty(file: Path) -> InvalidParameter:
    return InvalidParameter(f"The input {str(file)!r} is empty: it must have at least one row.")


def _read_csv(file: Path, rows: int, signature: ModelSignature | None) -> Iterator[Chunk]:
    with file.open("rb") as stream:
        for frame in csv_chunks(stream, signature.inputs if signature else None, rows):
            yield Chunk(Payload(frame), stream.tell())


def _read_parquet(file: Path, rows: int, signature: ModelSignature | None) -> Iterator[Chunk]:
    done, schema = 0, signature.inputs if signature else None
    for batch in _parquet(file).iter_batches(batch_size=rows):
        done += batch.num_rows
        if batch.num_rows:
            yield Chunk(Payload(frame_of(batch, schema), typed=True), done)


def _parquet(file: Path) -> Any:
    parquet: Any = need("pyarrow.parquet", "arrow")
    try:
        return parquet.ParquetFile(file, memory_map=True)
    except (OSError, ValueError) as error:
        raise InvalidParameter(f"The input {str(file)!r} is not a Parquet file: {error}") from None


class _Outline(msgspec.Struct):
    """What a JSON file contains besides its rows. It may come after them, so the file is read twice."""

    form: str | None = None
    columns: Any = None
    params: Any = None
    in_lines: bool = False
    whole: bool = False


def _read_json(file: Path, rows: int, signature: ModelSignature | None) -> Iterator[Chunk]:
    outline = _outline(file)
    if outline.in_lines:
        yield from _read_lines(file, rows, signature)
        return
    if outline.form == "":
        # Tensors by column: the values of a row are spread over the file, so it is read as a whole.
        yield Chunk(read_content(decode_json(file.read_bytes()), signature), file.stat().st_size)
        return
    with Scanner(file) as scanner:
        found = (value for kind, value in _events(scanner) if kind == "row")
        yield from _grouped(found, rows, outline, scanner, signature)


def _read_lines(file: Path, rows: int, signature: ModelSignature | None) -> Iterator[Chunk]:
    with Scanner(file) as scanner:
        yield from _grouped(_lines(scanner), rows, _Outline(_LIST), scanner, signature)


def _lines(scanner: Scanner) -> Iterator[Any]:
    while scanner.peek():
        yield scanner.value()


def _grouped(
    found: Iterable[Any], rows: int, outline: _Outline, scanner: Scanner, signature: ModelSignature | None
) -> Iterator[Chunk]:
    waiting = iter(found)
    while group := list(islice(waiting, rows)):
        yield Chunk(read_content(_content(group, outline), signature), scanner.bytes_read)


def _content(rows: list[Any], outline: _Outline) -> dict[str, Any]:
    """A request body of the scoring server with these rows."""
    params = {} if outline.params is None else {"params": outline.params}
    if outline.form == "dataframe_split":
        columns = {} if outline.columns is None else {"columns": outline.columns}
        return {"dataframe_split": {**columns, "data": rows}, **params}
    form = outline.form
    if form in (_LIST, None):
        form = "dataframe_records" if isinstance(rows[0], dict) else "inputs"
    return {str(form): rows, **params}


def _outline(file: Path) -> _Outline:
    outline, counts = _Outline(), {"row": 0, "label": 0}
    with Scanner(file) as scanner:
        if not scanner.peek():
            raise _empty(file)
        for kind, value in _events(scanner):
            if kind == "form":
                if outline.form is not None:
                    raise InvalidParameter(f"The input {str(file)!r} must have exactly one of {', '.join(KEYS)}.")
                outline.form = value
            elif kind == "columns":
                outline.columns = value
            elif kind == "params":
                outline.params = value
            elif kind == "whole":
                outline.whole = True
            elif kind in ("row", "label"):
                counts[kind] += 1
        outline.in_lines = outline.form is None and scanner.peek() != ""
    if counts["label"] not in (0, counts["row"]):
        raise InvalidParameter(f"The index of 'dataframe_split' has {counts['label']} labels for {counts['row']} rows.")
    if outline.form is None and outline.whole and not outline.in_lines:
        outline.form = ""
    if outline.form is None and not outline.in_lines:
        raise InvalidParameter(
            f"The input {str(file)!r} must be a JSON object with exactly one of {', '.join(KEYS)}, a list of rows, or "
            "one row per line."
        )
    return outline


def _events(scanner: Scanner) -> Iterator[tuple[str, Any]]:
    """Events of a JSON file: ``form`` ('' if its rows cannot be read one by one), ``row``, ``columns``, ``params``."""
    if scanner.peek() == "[":
        yield "form", _LIST
        yield from (("row", row) for row in scanner.array())
        return
    for key in scanner.members():
        starts = scanner.peek()
        if key == "dataframe_split" and starts == "{":
            yield "form", key
            yield from _split_events(scanner)
        elif key in KEYS and starts == "[":
            yield "form", key
            yield from (("row", row) for row in scanner.array())
        elif key in KEYS:
            yield "form", ""
            return
        else:
            kind = "whole" if key in WHOLE_BODIES else "other"
            yield key if key == "params" else kind, scanner.value()


def _split_events(scanner: Scanner) -> Iterator[tuple[str, Any]]:
    for key in scanner.members():
        if key in ("data", "index") and scanner.peek() == "[":
            yield from (("row" if key == "data" else "label", each) for each in scanner.array())
        else:
            yield key if key == "columns" else "other", scanner.value()
