"""Interned names of metrics, params and tags: name to number and back, remembered in memory.

A key is never changed or removed, so that what one process remembers stays true for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.writer import Bulk

if TYPE_CHECKING:
    from mlyard.stores.sql.database import Database

_REMEMBERED = 200_000
_c = tables.keys.c


class Keys:
    """The keys of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def intern(self, names: Iterable[str]) -> Mapping[str, int]:
        """The numbers of names; new ones are made, in a transaction before the caller's own."""
        wanted = set(names)
        missing = wanted - self._numbers.keys()
        if missing:
            self._database.bulk(_INTERN, tuple(missing)).result()
        return self.find(wanted)

    def known(self, names: set[str]) -> Mapping[str, int] | None:
        """The numbers of names when all of them are remembered: never waits."""
        numbers = self._numbers
        try:
            return {name: numbers[name] for name in names}
        except KeyError:
            return None

    def find(self, names: Iterable[str]) -> Mapping[str, int]:
        """The numbers of those names that have one."""
        wanted = set(names)
        missing = wanted - self._numbers.keys()
        if missing:
            self._database.read(lambda c: self._load(c, _c.name, missing))
        return {name: self._numbers[name] for name in wanted if name in self._numbers}

    def names(self, connection: Connection, numbers: set[int]) -> Mapping[int, str]:
        """The names of at least these numbers."""
        missing = numbers - self._names.keys()
        if missing:
            self._load(connection, _c.id, missing)
        return self._names

    def _load(self, connection: Connection, column: object, values: Iterable[object]) -> None:
        if len(self._numbers) > _REMEMBERED:
            self._numbers, self._names = {}, {}
        statement = select(_c.id, _c.name).where(dialect.in_values(column, values))  # type: ignore[arg-type]
        for number, name in connection.execute(statement):
            self._names[number] = name
            self._numbers[name] = number


def _intern(connection: Connection, requests: Sequence[tuple[str, ...]]) -> list[None]:
    # In one order by all writers, so that two of them never wait for each other.
    names = sorted({name for names in requests for name in names})
    dialect.insert(connection, tables.keys, ("name",), [(name,) for name in names], "ON CONFLICT DO NOTHING")
    return [None] * len(requests)


_INTERN: Bulk[tuple[str, ...], None] = Bulk(_intern)
