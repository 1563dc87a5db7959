"""Recognises databases that are not mlyard's. They are refused before anything in them changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from mlyard.core.errors import InvalidParameter
from mlyard.stores.sql.dialect import POSTGRESQL

VERSION_TABLE = "mlyard_schema"
_HEADER = b"SQLite format 3\0"
_OF_MLFLOW = frozenset({"alembic_version", "experiments", "runs"})
_SQLITE_TABLES = (
    r"SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'"
)
# Tables that an extension has made are nobody's.
_POSTGRESQL_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (
        SELECT 1 FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )
"""


def check_file(path: Path, address: str) -> None:
    """Check the file of an SQLite database, without locking or changing it. Raises InvalidParameter."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except OSError:
        return  # it does not exist yet, or the error of opening the database says more
    if head and head != _HEADER:
        raise InvalidParameter(
            f"The file of {address} is not an SQLite database, and mlyard leaves it as it is: pass the address of "
            "another file, which mlyard creates."
        )
    if head:
        _check_tables(_tables_of(path), address)


def check_database(connection: Connection, address: str) -> None:
    """Check the tables of an open database. Raises InvalidParameter."""
    statement = _POSTGRESQL_TABLES if connection.dialect.name == POSTGRESQL else _SQLITE_TABLES
    _check_tables(connection.execute(text(statement)).scalars().all(), address)


def _tables_of(path: Path) -> list[str]:
    """The tables of an SQLite file; none if another process is creating it at this moment."""
    # A log beside the file belongs to what it holds. Without a log, the file is read as if nobody could change it.
    has_log = Path(f"{path}-wal").exists()
    options = "mode=ro" if has_log else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True)) as connection:
            return [name for (name,) in connection.execute(_SQLITE_TABLES)]
    except sqlite3.Error:
        return []


def _check_tables(tables: Collection[str], address: str) -> None:
    if not tables or VERSION_TABLE in tables:
        return
    owner = "MLflow" if _OF_MLFLOW.issubset(tables) else "another program"
    names = sorted(tables)
    some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    old = " mlyard cannot import it yet, so keep MLflow's own server for its runs." if owner == "MLflow" else ""
    raise InvalidParameter(
        f"The database {address} belongs to {owner} (it has the tables {some}), and mlyard leaves it as it is: pass "
        f"the address of a database of its own, such as sqlite:///mlyard.db.{old}"
    )
