"""Creates and migrates the schema. Of several processes that start together, one does it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, text
from sqlalchemy.exc import ProgrammingError

from mlyard.core.errors import InvalidState, TemporarilyUnavailable
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.dialect import POSTGRESQL
from mlyard.stores.sql.foreign import VERSION_TABLE
from mlyard.stores.sql.migrations.moving import move_points
from mlyard.stores.sql.migrations.progress import Progress

HEAD = "0007"
_MOVING = "0004"  # with this schema, points of the one before are moved
# An arbitrary number for the advisory lock of mlyard's migrations.
_LOCK_NUMBER = 0x6D6C79617264
_NO_RIGHTS = "42501"  # the SQLSTATE insufficient_privilege


def upgrade(database: Database) -> None:
    """Create or migrate the schema. If points must be moved, that is reported on standard error or in the log.

    Raises InvalidState when the database is newer than this code, or its user may not create tables.
    """
    before = current(database)
    if before == HEAD:
        return
    if before is not None:
        database.write(partial(_upgrade, target=_MOVING))
        _move_points(database)
    database.write(partial(_upgrade, target=HEAD))


def upgrade_restored(connection: Connection) -> None:
    """Migrate the schema of a backup that has taken the place of a database in use, in the caller's transaction.

    Raises InvalidState if the backup is so old that it takes a start of a server to migrate it, and
    TemporarilyUnavailable if there is no schema yet: a tool is about to restore it.
    """
    version = _version(connection)
    if version is None:
        raise TemporarilyUnavailable("The database has no tables. Is it being restored?")
    if version <= _MOVING:
        raise InvalidState("The database was restored from a backup of an older mlyard. Restart all servers.")
    _upgrade(connection, HEAD)


def current(database: Database) -> str | None:
    """The version of the schema; None if there is no schema yet."""
    return database.read(_version)


def _move_points(database: Database) -> None:
    move_points(database, _lock, Progress("Moving the points of metrics").tell)


def _upgrade(connection: Connection, target: str) -> None:
    _lock(connection)
    if _version(connection) != HEAD:
        _run(connection, target)


def _lock(connection: Connection) -> None:
    """Make other processes that start at the same time wait. In SQLite, the transaction has the write lock already."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK_NUMBER})


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version = connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
    return None if version is None else str(version)


def _run(connection: Connection, target: str) -> None:
    # Imported here, because an up-to-date database does not need it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent))
    try:
        command.upgrade(config, target)
    except CommandError:
        raise InvalidState(
            f"The database's schema is {_version(connection)!r}; this mlyard knows schemas up to {HEAD!r}. "
            "Use the version of mlyard that wrote it, or a newer one."
        ) from None
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHTS:
            raise
        url = connection.engine.url
        raise InvalidState(
            f"The user {url.username!r} may not create tables in the database {url.database!r}. Since PostgreSQL 15, "
            "GRANT on the database does not allow it. As an administrator of PostgreSQL, run: "
            f'ALTER DATABASE "{url.database}" OWNER TO "{url.username}"'
        ) from None
