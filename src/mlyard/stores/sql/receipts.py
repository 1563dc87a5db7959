"""Whether a transaction was committed although the answer to its COMMIT got lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from mlyard.stores.sql.dialect import POSTGRESQL

_NUMBER = text("SELECT CAST(pg_current_xact_id() AS text)")
# After a failover, the new server may never have heard of the transaction: then it was not committed there.
_STATUS = text(
    "SELECT CASE WHEN CAST(:number AS xid8) < pg_snapshot_xmax(pg_current_snapshot())"
    " THEN pg_xact_status(CAST(:number AS xid8)) END"
)
_PAUSE = 0.01


@dataclass(frozen=True)
class Receipt:
    """A transaction that was about to be committed, and what its callers get if it was."""

    number: str
    outcomes: Sequence[Any]


def receipt(connection: Connection, outcomes: Sequence[Any]) -> Receipt | None:
    """The receipt of the current transaction. None on SQLite, where no answer can get lost."""
    if connection.dialect.name != POSTGRESQL:
        return None
    return Receipt(str(connection.execute(_NUMBER).scalar_one()), outcomes)


def is_committed(connection: Connection, earlier: Receipt, deadline: float) -> bool:
    """Whether an earlier transaction was committed. Waits until it has ended, or the deadline has passed."""
    while time.monotonic() < deadline:
        status = connection.execute(_STATUS, {"number": earlier.number}).scalar_one()
        if status != "in progress":
            return bool(status == "committed")
        time.sleep(_PAUSE)
    return False
