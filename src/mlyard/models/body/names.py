"""Column names in JSON and CSV, which are texts, as the names of a schema, which may be numbers or tuples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from mlyard.models.signature.schema import Schema


def known_names(names: Iterable[Any], schema: Schema | None) -> list[Any]:
    """The names, where the schema has them as numbers or tuples in that form."""
    if schema is None or not schema.has_input_names():
        return list(names)
    by_text = {str(name): name for name in schema.input_names()}
    return [by_text.get(name, name) if isinstance(name, str) else name for name in names]


def known_keys(content: Any, schema: Schema) -> Any:
    """The content with the keys of its rows, or of itself, as the schema's names."""
    if all(isinstance(name, str) for name in schema.input_names() if schema.has_input_names()):
        return content
    if isinstance(content, Mapping):
        return dict(zip(known_names(content, schema), content.values(), strict=True))
    return [known_keys(row, schema) if isinstance(row, Mapping) else row for row in content]


def index_of(names: list[Any]) -> pd.Index[Any]:
    """The names as an index, with several levels if all of them are tuples of one length."""
    levels = {len(name) if isinstance(name, tuple) else 0 for name in names}
    if len(levels) == 1 and 0 not in levels:
        return pd.MultiIndex.from_tuples(names)
    index: pd.Index[Any] = pd.Index(names, tupleize_cols=False)
    return index
