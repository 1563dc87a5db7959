"""Decodes bodies of numbers directly to a matrix, without a data frame."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from mlyard.models.body.content_type import JSON, PANDAS_RECORDS, ContentType
from mlyard.models.input.matrix import MatrixPath
from mlyard.wire.message import NOT_JSON


class _Split(msgspec.Struct):
    data: list[list[Any]]
    columns: list[str] | None = None
    index: list[Any] | None = None


class _Keyed(msgspec.Struct):
    dataframe_split: _Split | UnsetType = UNSET
    dataframe_records: list[dict[str, Any]] | UnsetType = UNSET
    inputs: list[list[Any]] | UnsetType = UNSET
    instances: list[list[Any]] | UnsetType = UNSET
    params: dict[str, Any] | None = None


class MatrixReader:
    """Reads bodies for a model that takes a matrix, if they contain rows. ``read_body`` reads all others."""

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
        if sum(part is not UNSET for part in (split, records, content.inputs, content.instances)) != 1:
            return None
        if split is not UNSET:
            return self._of_split(split)
        return self._path.rows(None, rows or []) if records is UNSET else self._path.records(records)

    def _of_split(self, split: _Split) -> np.ndarray | None:
        if split.index is not None and len(split.index) != len(split.data):
            return None
        return self._path.rows(split.columns, split.data)
