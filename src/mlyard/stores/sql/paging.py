"""Keyset pagination: a page starts after the last row of the previous page, so that all pages cost the same.

A token holds the sort values of that row, signed with a secret of the database, together with the search that it
belongs to. The values are only bound as parameters, and never become part of a statement's text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Connection, Select, and_, case, literal, or_

from mlyard.domain.page import wrong_token

_SIGNATURE = 16


class SortKey(msgspec.Struct, frozen=True):
    """An expression to sort by, which is never NULL, and the direction."""

    expression: ColumnElement[Any]
    ascending: bool = True

    @property
    def ordered(self) -> ColumnElement[Any]:
        """The expression with its direction, for ORDER BY."""
        return self.expression.asc() if self.ascending else self.expression.desc()

    def up_to(self, value: Any) -> ColumnElement[bool]:
        """That a row comes not after those with this value."""
        up_to: ColumnElement[bool] = self.expression <= value if self.ascending else self.expression >= value
        return up_to

    def starting_at(self, value: Any) -> ColumnElement[bool]:
        """That a row comes not before those with this value."""
        start: ColumnElement[bool] = self.expression >= value if self.ascending else self.expression <= value
        return start


def nulls_last(column: ColumnElement[Any], ascending: bool, empty: Any) -> list[SortKey]:
    """Sort keys for a column that can be NULL. ``empty``: any value of the column's type."""
    missing = case((column.is_(None), 1), else_=0)
    present = case((column.is_(None), literal(empty)), else_=column)
    return [SortKey(missing), SortKey(present, ascending)]


class Paginator:
    """Reads the rows of statements page by page."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def read(
        self,
        connection: Connection,
        statement: Select[Any],
        keys: Sequence[SortKey],
        limit: int,
        token: str | None,
        scope: bytes,
    ) -> tuple[Sequence[Any], str | None]:
        """The rows of a page, and the token of the next page if there is one. Raises InvalidParameter.

        ``scope``: what is read and in which order. A token is only valid for the scope that it was made for.
        Sort values that the statement does not select are appended to the rows as extra columns.
        """
        if token:
            statement = statement.where(_after(keys, self.values(token, scope)))
        columns, positions = _sort_columns(statement, keys)
        statement = statement.add_columns(*columns).order_by(*(key.ordered for key in keys))
        found = connection.execute(statement.limit(limit + 1)).all()
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], self.token([last[position] for position in positions], scope)

    def _belongs(self, token: str, scope: bytes) -> bool:
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except (ValueError, binascii.Error):
            return False
        return hmac.compare_digest(self._signed(raw[_SIGNATURE:], scope), token.encode())

    def token(self, values: Sequence[Any], scope: bytes) -> str:
        """The token of a page that starts after these values."""
        return self._signed(msgspec.msgpack.encode(values), scope).decode()

    def values(self, token: str, scope: bytes) -> list[Any]:
        """Undo ``token``. Raises InvalidParameter if it was made for another scope, or changed since."""
        if not self._belongs(token, scope):
            raise wrong_token(token)
        values: list[Any] = msgspec.msgpack.decode(base64.urlsafe_b64decode(token)[_SIGNATURE:])
        return values

    def _signed(self, packed: bytes, scope: bytes) -> bytes:
        signature = hmac.digest(self.secret, msgspec.msgpack.encode((scope, packed)), hashlib.sha256)
        return base64.urlsafe_b64encode(signature[:_SIGNATURE] + packed)


def _sort_columns(statement: Select[Any], keys: Sequence[SortKey]) -> tuple[list[ColumnElement[Any]], list[int]]:
    """The columns to add for the keys, and the positions of all keys' values in a row."""
    selected = list(statement.selected_columns)
    added: list[ColumnElement[Any]] = []
    positions: list[int] = []
    for number, key in enumerate(keys):
        same = [position for position, column in enumerate(selected) if column is key.expression]
        if not same:
            added.append(key.expression.label(f"sort_{number}"))
        positions.append(same[0] if same else len(selected) + len(added) - 1)
    return added, positions


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    steps: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        beyond = key.expression > value if key.ascending else key.expression < value
        steps.append(and_(*equal, beyond))
        equal.append(key.expression == value)
    # Implied by the steps, but it lets the database start its index scan where the page begins.
    bounds: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        bounds.append(key.starting_at(value))
        if not (isinstance(key.expression, BindParameter) and key.expression.value == value):
            break
    return and_(*bounds, or_(*steps))
