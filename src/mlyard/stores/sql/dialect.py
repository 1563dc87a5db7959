"""What differs between databases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Table, column, func, select
from sqlalchemy.dialects.sqlite import Insert, insert


def upsert(table: Table) -> Insert:
    """An INSERT that can say what to do on conflict."""
    return insert(table)


def in_values(target: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """``target IN values`` with any number of values, bound as one parameter."""
    array = msgspec.json.encode(list(values)).decode()
    return target.in_(select(column("value")).select_from(func.json_each(array)))


def like(target: ColumnElement[Any], pattern: str, *, ignore_case: bool) -> ColumnElement[bool]:
    """SQL's LIKE with ``%`` and ``_``, minding case unless told not to."""
    if ignore_case:
        return func.lower(target).like(pattern.lower())
    # SQLite's own LIKE never minds case; GLOB does, with other wildcards.
    return target.op("GLOB")(_glob(pattern))


def _glob(pattern: str) -> str:
    special = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(special.get(character, character) for character in pattern)
