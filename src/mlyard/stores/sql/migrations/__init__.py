"""Bringing a database to this code's schema, once, whoever starts first."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from mlyard.core.errors import InvalidState
from mlyard.stores.sql.engine import WRITES

HEAD = "0001"
VERSION_TABLE = "mlyard_schema"


def upgrade(engine: Engine) -> None:
    """Create or migrate the schema. Raises InvalidState when the database is newer than this code."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.connect() as plain:
        # The write lock keeps other processes out until the schema is whole.
        connection = plain.execution_options(**{WRITES: True})
        with connection.begin():
            if _version(connection) != HEAD:
                _run(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version = connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
    return None if version is None else str(version)


def _run(connection: Connection) -> None:
    # Imported here: a database that is up to date never needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent))
    try:
        command.upgrade(config, HEAD)
    except CommandError:
        raise InvalidState(
            f"The database's schema is {_version(connection)!r}; this mlyard knows schemas up to {HEAD!r}. "
            "Start it with the mlyard that wrote it, or a newer one."
        ) from None
