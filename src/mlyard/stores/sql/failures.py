"""Which failures of a database pass by themselves."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATEs: connection lost, shutdown, crash, start-up, out of connections, deadlock, serialisation, lock.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = ("08", "57P01", "57P02", "57P03", "53300", "40P01", "40001", "55P03")


def is_transient(error: SQLAlchemyError) -> bool:
    """Whether the same work may succeed a moment later."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        # The driver gives no state when it did not get as far as a session.
        return "connect" in str(error.orig) or "closed" in str(error.orig) or "terminat" in str(error.orig)
    return str(state).startswith(_PASSING)
