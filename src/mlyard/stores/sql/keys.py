"""Interned names of metrics, params and tags: name to number and back, remembered in memory.

A key is never changed or removed, so that what one process remembers stays true for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.writer import Bulk

T = TypeVar("T")

_REMEMBERED = 200_000
_c = tables.keys.c


class Access(Protocol):
    """What the keys need of the database that holds them."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a reading connection."""

    def bulk(self, bulk: Bulk[T, Any], request: T) -> Future[Any]:
        """Have a request written together with others of its kind."""


class Keys:
    """The keys of one database."""

    def __init__(self, database: Access) -> None:
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
        wanted, numbers = set(names), self._numbers
        found = {name: numbers[name] for name in wanted if name in numbers}
        missing = wanted - found.keys()
        if missing:
            loaded = self._database.read(lambda c: self._load(c, _c.name, missing))
            found |= {name: number for number, name in loaded}
        return found

    def names(self, connection: Connection, numbers: set[int]) -> Mapping[int, str]:
        """The names of these numbers."""
        known = self._names
        found = {number: known[number] for number in numbers if number in known}
        missing = numbers - found.keys()
        return found | dict(self._load(connection, _c.id, missing)) if missing else found

    def _load(self, connection: Connection, column: ColumnElement[Any], values: Iterable[Any]) -> list[tuple[int, str]]:
        """Numbers and names, which are remembered; in place of the others when those were too many."""
        statement = select(_c.id, _c.name).where(dialect.in_values(column, values))
        loaded = [(number, name) for number, name in connection.execute(statement)]
        if len(self._numbers) > _REMEMBERED:
            self._numbers, self._names = {}, {}
        self._names.update(loaded)
        self._numbers.update((name, number) for number, name in loaded)
        return loaded


def _intern(connection: Connection, requests: Sequence[tuple[str, ...]]) -> list[None]:
    # In one order by all writers, so that two of them never wait for each other.
    names = sorted({name for names in requests for name in names})
    dialect.insert(connection, tables.keys, ("name",), [(name,) for name in names], "ON CONFLICT DO NOTHING")
    return [None] * len(requests)


_INTERN: Bulk[tuple[str, ...], None] = Bulk(_intern)
