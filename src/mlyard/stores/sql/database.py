"""One database: connections for readers, one writer, and the interned keys.

Reads and writes that lose their connection are retried for a while: a restart of the database costs callers time,
but never data.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable
from mlyard.core.forks import Own, undisturbed
from mlyard.core.log import logger
from mlyard.ports.opening import mlflow_store_in
from mlyard.stores.sql import foreign
from mlyard.stores.sql.addresses import POSTGRESQL, SQLITE, database_url, replica_url
from mlyard.stores.sql.failures import Restored, is_absent, is_transient, is_unstorable, unstorable
from mlyard.stores.sql.keys import Keys, Numbers
from mlyard.stores.sql.replica import Replica
from mlyard.stores.sql.sessions import Sessions, reading
from mlyard.stores.sql.sqlite_file import SqliteFile
from mlyard.stores.sql.writer import Bulk, Writer

T = TypeVar("T")

_BUSY_SECONDS = 30
_NEVER = 2**31  # executions of a statement
_POSTGRESQL_ARGUMENTS = {
    # The driver must not prepare statements by itself: after some uses they get a generic plan, which for
    # searches can be a thousand times slower. See dialect.PreparedStatement for those that are prepared.
    "prepare_threshold": _NEVER,
    "connect_timeout": 5,
    # Without these, only the operating system notices that a host has vanished, after two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "mlyard",
}
_log = logger("stores.sql")


class Database:
    """Reads and writes of one database. Safe to use from any thread."""

    def __init__(self, uri: str, read_replica_uri: str = "") -> None:
        """``read_replica_uri``: the address of a replica of the database, for reads.

        Raises InvalidParameter if the database cannot be used, TemporarilyUnavailable if it cannot be reached.
        """
        url = database_url(uri)
        replica = replica_url(url, read_replica_uri) if read_replica_uri else None
        address = url.render_as_string(hide_password=True)
        self._file = _file(url, address) if url.get_backend_name() == SQLITE else None
        self.patience = settings.DATABASE_PATIENCE.get()
        self._here = Own(lambda: _Access(url, replica, self.patience, self), before_fork=_Access.disconnect)
        self._on_restore: Callable[[Connection], None] | None = None
        self._recovering = False
        self.keys = Keys(self)
        self._check(address)

    def _check(self, address: str) -> None:
        """Connect once, so that a wrong address or a database of others is reported right away, and by name."""
        try:
            self.read(lambda connection: foreign.check_database(connection, address))
        except InvalidParameter:
            self.close()
            raise
        except TemporarilyUnavailable:
            self.close()
            raise TemporarilyUnavailable(
                f"The database {address} cannot be reached. Is it running, and is the address right?"
            ) from None
        except SQLAlchemyError as error:
            self.close()
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise InvalidParameter(f"The database {address} cannot be used: {reason}") from None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` and return its result. It may run more than once. Raises TemporarilyUnavailable."""
        here = self._here.get()

        def checked(connection: Connection) -> T:
            self.keys.check_sometimes(connection)
            return work(connection)

        if here.replica is not None and self.in_use:
            with undisturbed:
                answers = here.replica.read(checked)
            if answers:
                return answers[0]
        deadline = time.monotonic() + self.patience
        pause = 0.02
        while True:
            try:
                self.ready()
                with undisturbed, here.readers.connect() as connection, reading(connection):
                    return checked(connection)
            except (SQLAlchemyError, UnicodeEncodeError, TemporarilyUnavailable, Restored) as error:
                self._settle(error)
                if time.monotonic() + pause > deadline or here.stop.wait(pause):
                    _log.warning("The database cannot be read: %s", type(error).__name__)
                    raise TemporarilyUnavailable("The database is busy or cannot be reached. Try again.") from None
                pause = min(2 * pause, 1.0)

    def _settle(self, error: Exception) -> None:
        """Do what a read needs that is to be tried again. Raises the error if that is of no use."""
        if is_unstorable(error):
            raise unstorable() from None
        if isinstance(error, Restored):
            self.write(lambda _: None)  # which recovers it
        elif not self.is_passing(error):
            raise error
        self.keys.check_soon()

    def write(self, work: Callable[[Connection], T], used: Numbers | None = None) -> T:
        """Run ``work`` in its own transaction, and return its result when that is durable.

        It runs again if the database fails before the commit. ``used``: the numbers of keys that it uses.
        """
        return self._here.get().writer.submit(work, used).result()

    def bulk(self, bulk: Bulk[T, Any], request: T, used: Numbers | None = None) -> Future[Any]:
        """Queue a request, to be done together with others of its kind. The future is done when it is durable.

        ``used``: the numbers of keys in the request.
        """
        return self._here.get().writer.submit_bulk(bulk, request, used)

    def when_restored(self, recover: Callable[[Connection], None]) -> None:
        """From now on, call ``recover`` whenever the database was restored from a backup or replaced by another.

        It runs in a transaction of its own, before anything else is written.
        """
        self._on_restore = recover

    @property
    def in_use(self) -> bool:
        """Whether the schema is complete."""
        return self._on_restore is not None

    def ready(self) -> None:
        """Before a connection is taken. Raises Restored, TemporarilyUnavailable."""
        if self._recovering:
            raise Restored
        if self._file is not None:
            self._file.check()

    def prepare(self, connection: Connection, used: Sequence[Numbers]) -> None:
        """Begin a transaction that uses these numbers of keys. Raises Restored."""
        self.keys.prepare(connection, used)

    def recover(self, engine: Engine) -> None:
        """Read anew what is known of a restored database. Raises TemporarilyUnavailable."""
        self._recovering = True
        self._here.get().disconnect()
        if self._file is not None:
            self._file.accept()
        if self._on_restore is not None:
            with undisturbed, engine.begin() as connection:
                self._on_restore(connection)
        self.keys.forget()
        self._recovering = False
        _log.warning("The database was restored from a backup, or replaced. What was known of it is forgotten.")

    def connected(self, *_: object) -> None:
        """A connection was opened: the database may have been restored before that."""
        self.keys.check_soon()
        if self._file is not None:
            self._file.connected()

    def is_passing(self, error: Exception) -> bool:
        """Whether what failed is to be tried again. Once a database is in use, what it lacks is being restored."""
        if isinstance(error, TemporarilyUnavailable):
            return True
        return is_transient(error, starting=not self.in_use) or (self.in_use and is_absent(error))

    def close(self) -> None:
        """Finish the accepted writes, and close the connections."""
        here = self._here.existing()
        if here:
            here.stop.set()
            here.writer.close()
            here.disconnect()


class _Access:
    """What one process uses to reach a database: connections, and the writer's thread."""

    def __init__(self, url: URL, replica: URL | None, patience: float, base: Database) -> None:
        self.stop = threading.Event()
        self.readers = _reading_engine(url)
        self._writing = _writing_engine(url)
        for engine in (self.readers, self._writing):
            event.listen(engine, "connect", base.connected)
        # Questions to the primary have a connection of their own, so that they do not wait for its reads.
        self._of_replica = [_reading_engine(replica), _reading_engine(url, 1)] if replica is not None else []
        self.replica = Replica(*self._of_replica) if self._of_replica else None
        self.writer = Writer(self._writing, patience, base)

    def disconnect(self) -> None:
        """Close the connections that are not in use; new ones are opened when needed.

        A process that forks must not have any, because SQLite would believe in the child that it holds the locks of
        its parent.
        """
        for engine in (self.readers, self._writing, *self._of_replica):
            engine.dispose()


def _file(url: URL, address: str) -> SqliteFile:
    if not url.database or url.database == ":memory:":
        raise InvalidParameter(
            "A database in memory cannot be shared by connections: use a file, such as sqlite:///mlyard.db"
        )
    foreign.check_file(Path(url.database), address)
    folder = Path(url.database).resolve().parent
    place = None if Path(url.database).exists() else mlflow_store_in(folder)
    if place is not None:
        _log.warning(
            "The folder %s is a store of MLflow. mlyard leaves it as it is and cannot import it yet: its runs are not "
            "in %s, which mlyard creates now.",
            place,
            address,
        )
    return SqliteFile(Path(url.database))


def _reading_engine(url: URL, connections: int = 0) -> Engine:
    """Autocommit: each statement sees all earlier commits, and no round trip is spent on BEGIN."""
    options: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "pool_size": connections or settings.POOL_SIZE.get(),
        "max_overflow": 0,
        "pool_timeout": settings.DATABASE_PATIENCE.get(),
        "skip_autocommit_rollback": True,
    }
    if url.get_backend_name() == POSTGRESQL:
        timeout = int(1000 * settings.STATEMENT_TIMEOUT.get())
        engine = create_engine(url, connect_args=_POSTGRESQL_ARGUMENTS, **options)
        # What is searched is mostly in memory. PostgreSQL's default is meant for disks that turn (ADR 0024).
        held = {"jit": "off", "statement_timeout": str(timeout), "random_page_cost": "1.1"}
        Sessions(held).listen(engine)
        return engine
    return _with_pragmas(create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, **options))


def _writing_engine(url: URL) -> Engine:
    """One connection, with transactions."""
    if url.get_backend_name() == POSTGRESQL:
        engine = create_engine(url, connect_args=_POSTGRESQL_ARGUMENTS, pool_size=1, max_overflow=0)
        Sessions({"jit": "off"}).listen(engine)
        return engine
    engine = _with_pragmas(create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, pool_size=1, max_overflow=0))
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _with_pragmas(engine: Engine) -> Engine:
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are started by _begin_immediate, not by the driver.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
