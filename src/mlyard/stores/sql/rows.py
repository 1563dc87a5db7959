"""Small pieces of SQL that several stores need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, select

from mlyard.stores.sql import dialect


def read_values(connection: Connection, table: Table, owner: str, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """The keys and values of many entities, by the entity's id."""
    statement = select(table.c[owner], table.c.key, table.c.value).where(dialect.in_values(table.c[owner], ids))
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for entity, key, value in connection.execute(statement.order_by(table.c[owner], table.c.key)):
        found[entity][key] = value
    return found


def set_values(connection: Connection, table: Table, owner: str, entity: int, values: Mapping[str, str]) -> None:
    """Set or change values of one entity."""
    found = [(entity, key, value) for key, value in sorted(values.items())]
    change = f"ON CONFLICT ({owner}, key) DO UPDATE SET value = excluded.value"
    dialect.insert(connection, table, (owner, "key", "value"), found, change)


def delete_value(connection: Connection, table: Table, owner: str, entity: int, key: str) -> bool:
    """Remove a value of one entity. Returns whether there was one."""
    gone = connection.execute(delete(table).where(table.c[owner] == entity, table.c.key == key))
    return gone.rowcount > 0


def one(connection: Connection, statement: Select[Any], *, lock: bool = False) -> Any:
    """The only row, or None. ``lock``: lock it against other writers until the transaction ends."""
    return connection.execute(statement.with_for_update(key_share=True) if lock else statement).one_or_none()


def created_by(connection: Connection, table: Table, request_id: str | None) -> Any:
    """The row that a request has already created, if any."""
    return one(connection, select(table).where(table.c.request_id == request_id)) if request_id else None
