"""Reads from a replica, which see all that was acknowledged before they began, by any server (ADR 0027).

A read asks the primary for its position in the log, together with all other reads that wait at that moment, and takes
the replica if that has replayed as much. Otherwise, and while the replica is away, it takes the primary.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from mlyard.core.log import logger
from mlyard.stores.sql import dialect
from mlyard.stores.sql.failures import Restored, is_transient, is_unstorable
from mlyard.stores.sql.sessions import reading

T = TypeVar("T")

# With synchronous_commit=off, a commit is acknowledged before it is flushed.
_WRITTEN = dialect.PreparedStatement(
    lambda: select(
        literal_column(
            "CAST(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()"
            " ELSE pg_current_wal_flush_lsn() END - '0/0' AS bigint)"
        )
    )
)
_REPLAYED = dialect.PreparedStatement(
    lambda: select(literal_column("CAST(pg_last_wal_replay_lsn() - '0/0' AS bigint)"))
)
# The same cluster, on the same branch of its history.
_ORIGIN = dialect.PreparedStatement(
    lambda: select(
        literal_column(
            "ARRAY[(SELECT system_identifier FROM pg_control_system()),"
            " (SELECT timeline_id FROM pg_control_checkpoint())]"
        )
    )
)
_AWAY_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_WAIT_SECONDS, _PAUSE_SECONDS = 0.02, 0.002
_REPLAY = "replayed"
_log = logger("stores.sql.replica")


class Replica:
    """One process's way to a replica."""

    def __init__(self, engine: Engine, primary: Engine) -> None:
        self._engine, self._primary = engine, primary
        self._position = _Shared(self._ask_position)
        self._retry_at = 0.0
        self._is_away = False
        self._look_at = 0.0

    def read(self, work: Callable[[Connection], T]) -> tuple[T] | None:
        """The result of ``work``; None if the primary must be read."""
        connection = self._take()
        if connection is None:
            return None
        with connection:
            try:
                with reading(connection):
                    return (work(connection),)
            except (SQLAlchemyError, UnicodeEncodeError, Restored) as error:
                if getattr(error, "connection_invalidated", False):
                    self.failed(error)
                elif not (isinstance(error, Restored) or is_transient(error) or is_unstorable(error)):
                    raise
                return None

    def _take(self) -> Connection | None:
        if time.monotonic() < self._retry_at:
            return None
        if self._is_away:
            self._retry_at = time.monotonic() + _AWAY_SECONDS  # for the others, while this one tries
        try:
            position = self._position.get()
        except SQLAlchemyError:
            return None  # the read of the primary will say what is wrong with it
        return self._connect(position)

    def failed(self, error: Exception) -> None:
        """Leave the replica alone for a while. The first time, a line in the log says so."""
        if not self._is_away:
            _log.warning("The replica cannot be read, and the primary is read instead: %s", _reason(error))
        self._is_away, self._retry_at = True, time.monotonic() + _AWAY_SECONDS

    def _connect(self, position: int) -> Connection | None:
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            self.failed(error)
            return None
        try:
            # First, since the positions of another primary mean nothing here.
            self._look(connection)
            if self._is_caught_up(connection, position):
                self._is_back()
                return connection
        except (SQLAlchemyError, Restored) as error:
            self.failed(error)
        connection.close()
        return None

    def _is_caught_up(self, connection: Connection, position: int) -> bool:
        """Whether a replica has replayed so much; it is given a moment for that."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while connection.info.get(_REPLAY, -1) < position:
            connection.info[_REPLAY] = _REPLAYED.rows(connection)[0][0] or -1
            if time.monotonic() > deadline:
                return False
            if connection.info[_REPLAY] < position:
                time.sleep(_PAUSE_SECONDS)
        return True

    def _look(self, connection: Connection) -> None:
        """Once in a second, look whether it still is a replica of this primary. Raises Restored if not."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _LOOK_SECONDS
        with self._primary.connect() as primary:
            if _ORIGIN.rows(primary) != _ORIGIN.rows(connection):
                raise Restored

    def _is_back(self) -> None:
        if self._is_away:
            self._is_away, self._retry_at = False, 0.0
            _log.warning("The replica is read again.")

    def _ask_position(self) -> int:
        with self._primary.connect() as connection:
            return int(_WRITTEN.rows(connection)[0][0])


class _Shared:
    """An answer that is asked for once for all who wait: nobody gets one that was asked for before they came."""

    def __init__(self, ask: Callable[[], int]) -> None:
        self._ask = ask
        self._changed = threading.Condition()
        self._asked = self._answered = 0
        self._answer = 0
        self._asking = False

    def get(self) -> int:
        """The answer to a question that is asked after this call began."""
        with self._changed:
            wanted = self._asked + 1
            while self._asking and self._answered < wanted:
                self._changed.wait()
            if self._answered >= wanted:
                return self._answer
            self._asking, self._asked = True, self._asked + 1
            mine = self._asked
        answer = None
        try:
            answer = self._ask()
        finally:
            with self._changed:
                self._asking = False
                if answer is not None:
                    self._answered, self._answer = mine, answer
                self._changed.notify_all()
        return answer


def _reason(error: Exception) -> str:
    if isinstance(error, Restored):
        return "it is not a replica of this primary, or not any more"
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
