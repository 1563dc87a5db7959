"""Finds columns by name, or by order if they have no names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.values import shown

if TYPE_CHECKING:
    import pandas as pd

    from mlyard.models.signature.schema import ColSpec


def found_columns(columns: list[ColSpec], have: list[Any]) -> list[tuple[int, ColSpec]]:
    """The position of each column of a schema among the names ``have``, in the schema's order.

    Missing optional columns are left out. If the schema has no names, columns are matched by order and extra columns
    are ignored. Raises InvalidParameter listing the missing columns.
    """
    if columns[0].name is None:
        if len(have) < len(columns):
            raise InvalidParameter(f"The model takes {len(columns)} columns; the input has {len(have)}.")
        return list(enumerate(columns))
    there = set(have)
    wanted = [spec for spec in columns if spec.required or spec.name in there]
    return list(zip(places_of([spec.name for spec in wanted], have), wanted, strict=True))


def select_columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns ``names``, in that order. Raises InvalidParameter listing the missing columns."""
    have = frame.columns.tolist()
    if have == names:
        return frame
    selected: pd.DataFrame = frame.take(places_of(names, have), axis=1)  # cheaper than by the names
    return selected


def places_of(names: list[Any], have: list[Any]) -> list[int]:
    """Where each of the ``names`` stands among ``have``. Raises InvalidParameter that lists what is missing."""
    if names == have:
        return list(range(len(names)))
    check_names(names, have)
    places = {name: place for place, name in enumerate(have)}
    return [places[name] for name in names]


def check_names(wanted: Sequence[Any], columns: Sequence[Any]) -> None:
    """Raises InvalidParameter listing the ``wanted`` columns that are missing or duplicated."""
    missing = [name for name in wanted if name not in columns]
    if missing:
        extra = [name for name in columns if name not in wanted]
        unknown = f" It has the columns {shown(extra)}, which the model does not know." if extra else ""
        raise InvalidParameter(f"Model is missing inputs {shown(missing)}.{unknown}")
    twice = [name for name in wanted if columns.count(name) > 1]
    if twice:
        raise InvalidParameter(f"The input has several columns named {shown(twice[0])}.")
