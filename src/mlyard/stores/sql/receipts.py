"""Whether a transaction was committed although the answer to its COMMIT got lost.

Each process has a row, in which a transaction leaves its number. The row is part of what is committed, replicated and
restored, so it tells the truth after a failover too, where the numbers that PostgreSQL gives to transactions do not: a
promoted replica gives those of lost transactions again (ADR 0025).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from mlyard.core.clock import now_ms
from mlyard.stores.sql import dialect, tables

_COLUMNS = ("writer", "number", "time")
_CHANGE = "ON CONFLICT (writer) DO UPDATE SET number = excluded.number, time = excluded.time"
# It waits for a transaction that is still being committed; if that takes longer, the whole check is tried again.
_WAIT = text("SET LOCAL lock_timeout TO '500ms'")
_WAIT_AS_BEFORE = text("SET LOCAL lock_timeout TO DEFAULT")
_TOUCH = text(
    "INSERT INTO receipts (writer, number, time) VALUES (:writer, 0, :now)"
    " ON CONFLICT (writer) DO UPDATE SET time = excluded.time RETURNING number"
)
_OLD = text("DELETE FROM receipts WHERE time < :before")
_WEEK_MS = 7 * 86_400_000


@dataclass(frozen=True)
class Receipt:
    """A transaction that was about to be committed, and what its callers get if it was."""

    number: int
    outcomes: Sequence[Any]


class Receipts:
    """The receipts of one process."""

    def __init__(self) -> None:
        self._writer = uuid.uuid4().hex
        self._number = 0

    def leave(self, connection: Connection, outcomes: Sequence[Any]) -> Receipt | None:
        """The receipt of the current transaction. None on SQLite, where no answer can get lost."""
        if connection.dialect.name != dialect.POSTGRESQL:
            return None
        self._number += 1
        dialect.insert(connection, tables.receipts, _COLUMNS, [(self._writer, self._number, now_ms())], _CHANGE)
        return Receipt(self._number, outcomes)

    def has(self, connection: Connection, earlier: Receipt) -> bool:
        """Whether an earlier transaction was committed.

        Commit the transaction of this look before that is told to anybody: then it is as durable as any other.
        """
        connection.execute(_WAIT)
        found = connection.execute(_TOUCH, {"writer": self._writer, "now": now_ms()}).scalar_one()
        connection.execute(_WAIT_AS_BEFORE)
        return bool(found == earlier.number)


def drop_old(connection: Connection) -> None:
    """Delete the receipts of processes that ended long ago."""
    connection.execute(_OLD, {"before": now_ms() - _WEEK_MS})
