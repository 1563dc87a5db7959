"""Small pieces of SQL that several nouns need: tags beside an entity, and interned keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from mlyard.stores.sql import dialect, tables


def read_values(connection: Connection, table: Table, owner: str, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Keys and values of many entities, by entity id."""
    statement = select(table.c[owner], table.c.key, table.c.value).where(dialect.in_values(table.c[owner], ids))
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for entity, key, value in connection.execute(statement.order_by(table.c[owner], table.c.key)):
        found[entity][key] = value
    return found


def set_values(connection: Connection, table: Table, owner: str, entity: int, values: Mapping[str, str]) -> None:
    """Set or change keys of one entity."""
    if values:
        insert = dialect.upsert(table)
        statement = insert.on_conflict_do_update(index_elements=[owner, "key"], set_={"value": insert.excluded.value})
        connection.execute(statement, [{owner: entity, "key": k, "value": v} for k, v in sorted(values.items())])


def delete_value(connection: Connection, table: Table, owner: str, entity: int, key: str) -> bool:
    """Remove a key of one entity; False when it was not there."""
    gone = connection.execute(delete(table).where(table.c[owner] == entity, table.c.key == key))
    return gone.rowcount > 0


def intern_keys(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The ids of metric, param and tag keys, new ones made in one order by all writers."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    found = _key_ids(connection, wanted)
    missing = [{"name": name} for name in wanted if name not in found]
    if missing:
        connection.execute(dialect.upsert(tables.keys).on_conflict_do_nothing(), missing)
        found = _key_ids(connection, wanted)
    return found


def _key_ids(connection: Connection, names: list[str]) -> dict[str, int]:
    statement = select(tables.keys.c.name, tables.keys.c.id).where(dialect.in_values(tables.keys.c.name, names))
    return {row.name: row.id for row in connection.execute(statement)}


def one(connection: Connection, statement: Any) -> Any:
    """The only row, or None."""
    return connection.execute(statement).one_or_none()
