"""Tells temporary failures of a database from lasting ones."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mlyard.core.errors import InvalidParameter

# SQLSTATEs: connection lost, shutdown, crash, start-up, out of connections, deadlock, serialisation, lock.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
# A transaction that may only read: the server was demoted, or is a replica that is not promoted yet.
# A table or database that is missing is being restored; that is asked only of a database that was there.
_PASSING = ("08", "57P01", "57P02", "57P03", "53300", "40P01", "40001", "55P03", "25006")
_ABSENT = ("42P01", "42703", "3D000")
# The last is said when a pooler passes on the last words of a session that has ended.
_AWAY = ("connect", "closed", "terminat", "results from command")
# Errors of a server that trying again does not fix, unless it worked before.
_LASTING = ("does not exist", "authentication failed", "no password supplied", "pg_hba.conf")


def is_unstorable(error: Exception) -> bool:
    """Whether a value was refused, such as a text with half a surrogate pair."""
    cause = error.orig if isinstance(error, StatementError) else error
    return isinstance(error, DataError) or isinstance(cause, UnicodeError)


def unstorable() -> InvalidParameter:
    """The error for a value that was refused."""
    return InvalidParameter("The request contains a value that the database cannot store.")


class Restored(Exception):
    """The database was restored from a backup, or is another one now: what is known of it may be wrong."""


def is_absent(error: Exception) -> bool:
    """Whether a table or column is missing."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.OperationalError):
        return str(error.orig).startswith(("no such table", "no such column"))
    return str(getattr(error.orig, "sqlstate", None)).startswith(_ABSENT)


def is_transient(error: Exception, *, starting: bool = False) -> bool:
    """Whether the same work may succeed if it is tried again. ``starting``: the database has never been used."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    if error.connection_invalidated:
        return True
    text = str(error.orig)
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in text or "busy" in text
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING)
    # The driver has no SQLSTATE if it could not open a session.
    return any(word in text for word in _AWAY) and not (starting and any(word in text for word in _LASTING))
