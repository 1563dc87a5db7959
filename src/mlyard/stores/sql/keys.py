"""Interned names of metrics, params and tags: each name is stored once and referred to by a number.

Both directions are cached in memory. Keys never change and are never removed, so the caches of several processes
cannot go stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.writer import Bulk

T = TypeVar("T")

_MAX_CACHED = 200_000
_c = tables.keys.c


class Access(Protocol):
    """What the keys need from their database."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a reading connection."""

    def bulk(self, bulk: Bulk[T, Any], request: T) -> Future[Any]:
        """Queue a request, to be done together with others of its kind."""


class Keys:
    """The keys of one database."""

    def __init__(self, database: Access) -> None:
        self._database = database
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def intern(self, names: Iterable[str]) -> Mapping[str, int]:
        """The numbers of names. New names are stored in a transaction before the caller's."""
        wanted = set(names)
        missing = wanted - self._numbers.keys()
        if missing:
            self._database.bulk(_INTERN, tuple(missing)).result()
        return self.find(wanted)

    def known(self, names: set[str]) -> Mapping[str, int] | None:
        """The numbers of names, if all of them are cached; never waits."""
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
        """Read numbers and names, and cache them. A cache that is too large is emptied first."""
        statement = select(_c.id, _c.name).where(dialect.in_values(column, values))
        loaded = [(number, name) for number, name in connection.execute(statement)]
        if len(self._numbers) > _MAX_CACHED:
            self._numbers, self._names = {}, {}
        self._names.update(loaded)
        self._numbers.update((name, number) for number, name in loaded)
        return loaded


def _intern(connection: Connection, requests: Sequence[tuple[str, ...]]) -> list[None]:
    # All writers use the same order, so that they do not deadlock.
    names = sorted({name for names in requests for name in names})
    dialect.insert(connection, tables.keys, ("name",), [(name,) for name in names], "ON CONFLICT DO NOTHING")
    return [None] * len(requests)


_INTERN: Bulk[tuple[str, ...], None] = Bulk(_intern)
