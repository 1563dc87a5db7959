"""Content types, and bodies of numbers that are decoded directly to a matrix, without a data frame."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from mlyard.core.errors import UnsupportedMediaType
from mlyard.models.input.matrix import MatrixPath
from mlyard.wire.message import NOT_JSON

JSON, CSV = "application/json", "text/csv"
PARQUET, ARROW_FILE, ARROW_STREAM = (
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.arrow.stream",
)
MEDIA = (JSON, CSV, PARQUET, ARROW_FILE, ARROW_STREAM)
PANDAS_SPLIT, PANDAS_RECORDS = "pandas-split", "pandas-records"


class ContentType(msgspec.Struct, frozen=True):
    """A content type. ``media``: one of MEDIA. ``form``: the older parameter ``format``; its answers are bare lists."""

    media: str
    form: str | None = None


@lru_cache(maxsize=256)
def content_type(header: str) -> ContentType:
    """Read a Content-Type header; an empty one means JSON. Raises UnsupportedMediaType."""
    media, *rest = (part.strip() for part in header.split(";"))
    pairs = (part.partition("=") for part in rest if part)
    options = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    charset = options.get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(f"The charset {charset[:100]!r} is not supported: send UTF-8.")
    media, form = media.lower() or JSON, options.get("format")
    if media not in MEDIA:
        raise UnsupportedMediaType(f"The content type {header[:100]!r} is not supported: send {', '.join(MEDIA)}.")
    if form is not None and (media != JSON or form not in (PANDAS_SPLIT, PANDAS_RECORDS)):
        raise UnsupportedMediaType(
            f"The format {form[:100]!r} is not supported: use {PANDAS_SPLIT} or {PANDAS_RECORDS}, with {JSON}."
        )
    return ContentType(media, form)


class _Split(msgspec.Struct):
    data: list[list[Any]]
    columns: list[str] | None = None


class _Keyed(msgspec.Struct):
    dataframe_split: _Split | None = None
    dataframe_records: list[dict[str, Any]] | None = None
    inputs: list[list[Any]] | None = None
    instances: list[list[Any]] | None = None
    params: dict[str, Any] | None = None


class MatrixReader:
    """Reads bodies for a model that takes a matrix, if they contain rows. ``payload.py`` reads all others."""

    def __init__(self, path: MatrixPath) -> None:
        self._path = path
        self._keyed = msgspec.json.Decoder(_Keyed)
        self._split = msgspec.json.Decoder(_Split)

    def read(self, body: bytes, kind: ContentType) -> np.ndarray | None:
        """The matrix (rows, columns); None for another form of body. Raises InvalidParameter if rows do not fit."""
        if kind.media != JSON or kind.form == PANDAS_RECORDS:
            return None
        try:
            if kind.form:
                return self._of_split(self._split.decode(body))
            content = self._keyed.decode(body)
        except NOT_JSON:
            return None
        return None if content.params else self._of_keyed(content)

    def _of_keyed(self, content: _Keyed) -> np.ndarray | None:
        split, records, rows = content.dataframe_split, content.dataframe_records, content.inputs or content.instances
        if sum(part is not None for part in (split, records, content.inputs, content.instances)) != 1:
            return None
        if split is not None:
            return self._of_split(split)
        return self._path.rows(None, rows or []) if records is None else self._path.records(records)

    def _of_split(self, split: _Split) -> np.ndarray:
        return self._path.rows(split.columns, split.data)
