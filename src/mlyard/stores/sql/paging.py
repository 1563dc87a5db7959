"""Keyset pagination: a page starts after the last row of the page before, whatever its number.

A token holds that row's sort values. They are only ever bound as parameters, never run.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, literal, or_

from mlyard.core.errors import InvalidParameter


class SortKey(msgspec.Struct, frozen=True):
    """An expression that is never null, and its direction."""

    expression: ColumnElement[Any]
    ascending: bool = True


def nulls_last(column: ColumnElement[Any], ascending: bool, empty: Any) -> list[SortKey]:
    """Sort keys for a column that may be null; ``empty`` is a value of its type."""
    missing = case((column.is_(None), 1), else_=0)
    present = case((column.is_(None), literal(empty)), else_=column)
    return [SortKey(missing), SortKey(present, ascending)]


def page(statement: Select[Any], keys: Sequence[SortKey], limit: int, token: str | None) -> Select[Any]:
    """One page and one row more, with the sort values as columns ``sort_0`` … at the end."""
    if token:
        statement = statement.where(_after(keys, _decode(token, len(keys))))
    order = [key.expression.asc() if key.ascending else key.expression.desc() for key in keys]
    columns = [key.expression.label(f"sort_{i}") for i, key in enumerate(keys)]
    return statement.add_columns(*columns).order_by(*order).limit(limit + 1)


def cut(rows: Sequence[Any], keys: Sequence[SortKey], limit: int) -> tuple[Sequence[Any], str | None]:
    """The page's rows, and the token of the next page when there is one."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    values = [getattr(last, f"sort_{i}") for i in range(len(keys))]
    return rows[:limit], base64.urlsafe_b64encode(msgspec.json.encode(values)).decode()


def _decode(token: str, length: int) -> list[Any]:
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(token.encode()), type=list[str | int | float])
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        values = []
    if len(values) != length:
        raise InvalidParameter(f"Invalid page token {token[:60]!r}: pass the token of the answer before, unchanged.")
    return values


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    steps: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        beyond = key.expression > value if key.ascending else key.expression < value
        steps.append(and_(*equal, beyond))
        equal.append(key.expression == value)
    return or_(*steps)
