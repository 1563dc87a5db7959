"""Leases of running runs: a run whose client stops sending heartbeats is ended, and reopened if they resume."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, update

from mlyard.core import settings
from mlyard.domain.experiments import ACTIVE
from mlyard.domain.runs import KILLED, RUNNING
from mlyard.stores.sql import dialect, tables

_c = tables.runs.c


def renew(connection: Connection, run: int, now: int, seconds: float) -> None:
    """Extend a run's lease by ``seconds`` from now."""
    values = {"lease_expires": now + int(1000 * seconds)}
    connection.execute(update(tables.runs).where(_c.id == run, _c.status == RUNNING).values(values))


def reopen(connection: Connection, runs: Collection[int], now: int) -> None:
    """Set lost runs to RUNNING again, with a lease of the default length."""
    if runs:
        expires = now + int(1000 * settings.RUN_LEASE_SECONDS.get())
        values = {"lost": 0, "status": RUNNING, "end_time": None, "lease_expires": expires}
        lost = update(tables.runs).where(dialect.in_values(_c.id, runs), _c.lost == 1)
        connection.execute(lost.values(values))


def end_lost(connection: Connection, now: int) -> int:
    """End the runs whose leases have expired, at the time of expiry, and return how many there were."""
    passed = update(tables.runs).where(_c.lease_expires < now, _c.status == RUNNING, _c.lifecycle_stage == ACTIVE)
    ended = connection.execute(passed.values(lost=1, status=KILLED, end_time=_c.lease_expires, lease_expires=None))
    return int(ended.rowcount)
