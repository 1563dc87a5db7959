"""Connections: SQLite in WAL mode, many readers beside one writer."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from mlyard.core.errors import InvalidParameter

_BUSY_SECONDS = 30
WRITES = "mlyard_writes"
"""Execution option of connections that write: they take SQLite's write lock when they begin."""


def open_engine(uri: str) -> Engine:
    """An engine for ``sqlite:///path``. Raises InvalidParameter for any other address."""
    url = _url(uri)
    if url.get_backend_name() != "sqlite":
        raise InvalidParameter(
            f"The store {url.render_as_string()!r} is not supported: use sqlite:///path/to/mlyard.db"
        )
    _make_parent(url)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _url(uri: str) -> URL:
    try:
        return make_url(uri)
    except ArgumentError:
        raise InvalidParameter(f"{uri!r} is not the address of a database, such as sqlite:///mlyard.db") from None


def _make_parent(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise InvalidParameter("A database in memory cannot be shared: name a file, such as sqlite:///mlyard.db")
    Path(url.database).resolve().parent.mkdir(parents=True, exist_ok=True)


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not open transactions of its own: _begin decides how they start.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
