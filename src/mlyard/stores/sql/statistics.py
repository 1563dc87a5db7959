"""Statistics about the tables that are searched.

Without them, PostgreSQL takes every condition for one that a single row fulfils, and compares each row of a table with
each of another: seconds for a few thousand runs. It collects them by itself, but a new database or one that was
restored from a backup has none for a minute or more.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from mlyard.core.forks import Own
from mlyard.core.log import logger
from mlyard.stores.sql.dialect import POSTGRESQL

_PAUSE = 1.0  # seconds between two looks
_log = logger("stores.sql.statistics")
# A table of less than eight pages is read as quickly without statistics. A replica gets those of its primary.
_LACKING = text("""
    SELECT relname FROM pg_class
    WHERE oid = ANY (ARRAY['runs', 'params', 'tags', 'latest_metrics']::regclass[])
        AND pg_relation_size(oid) > 65536 AND NOT pg_is_in_recovery() AND NOT EXISTS
        (SELECT FROM pg_stats WHERE tablename = relname AND schemaname = relnamespace::regnamespace::text)
""")


class Statistics:
    """Sees to the statistics of one database. Safe to use from any thread."""

    def __init__(self) -> None:
        self._busy = Own(threading.Lock)
        self._next = 0.0

    def ensure(self, connection: Connection) -> None:
        """Collect what is missing; looks at most once a second. ``connection`` must not be in a transaction."""
        if connection.dialect.name != POSTGRESQL or time.monotonic() < self._next:
            return
        busy = self._busy.get()
        if busy.acquire(blocking=False):
            try:
                self._collect(connection)
            finally:
                self._next = time.monotonic() + _PAUSE
                busy.release()

    def _collect(self, connection: Connection) -> None:
        for table in connection.execute(_LACKING).scalars().all():
            try:
                connection.execute(text(f"ANALYZE {table}"))
            except SQLAlchemyError as error:  # the search works without
                _log.warning("No statistics of the table %s: %s", table, type(error).__name__)
