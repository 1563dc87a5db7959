"""Interned names of metrics, params and tags: each name is stored once and referred to by a number.

Both directions are cached in memory. A key never changes, and keys become visible in the order of their numbers. So
all that a process knows holds as long as the database still has the newest key that the process knows, with the same
random mark. It has not if it was restored from an older backup, or is another database: then everything is forgotten
(ADR 0025).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, or_, select, text
from sqlalchemy.exc import SQLAlchemyError

from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.failures import Restored, is_absent
from mlyard.stores.sql.writer import Bulk

T = TypeVar("T")

_MAX_CACHED = 200_000
_READ_SECONDS = 1.0
# An arbitrary number for the advisory lock of those who add keys.
_LOCK = 0x6D6C79617265
_c = tables.keys.c


class Access(Protocol):
    """What the keys need from their database."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a reading connection."""

    def bulk(self, bulk: Bulk[T, Any], request: T) -> Future[Any]:
        """Queue a request, to be done together with others of its kind."""


class _Known:
    """The keys that are known of one database, and the newest of them: its number and mark."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.names: dict[int, str] = {}
        self.newest: tuple[int, int] | None = None

    def add(self, rows: Iterable[tuple[int, str, int]]) -> None:
        if len(self.numbers) > _MAX_CACHED:
            self.numbers, self.names = {}, {}
        for number, name, mark in rows:
            self.names[number] = name
            self.numbers[name] = number
            self.newest = max(self.newest or (number, mark), (number, mark))


class Numbers(dict[str, int]):
    """The numbers of names. A write that uses them is submitted with them, so that they can be renewed."""

    def __init__(self, numbers: Mapping[str, int], known: _Known) -> None:
        super().__init__(numbers)
        self.known = known


class Keys:
    """The keys of one database."""

    def __init__(self, database: Access) -> None:
        self._database = database
        self._known = _Known()
        # Held only by reads and writes, which no fork interrupts.
        self._lock = threading.Lock()
        self._next_check = 0.0

    def intern(self, names: Iterable[str]) -> Numbers:
        """The numbers of names. New names are stored in a transaction before the caller's."""
        wanted = set(names)
        while missing := wanted - (found := self.find(wanted)).keys():
            self._database.bulk(_INTERN, tuple(missing)).result()
        return found

    def known(self, names: set[str]) -> Numbers | None:
        """The numbers of names, if all of them are cached; never waits."""
        known = self._known
        numbers = known.numbers
        try:
            return Numbers({name: numbers[name] for name in names}, known)
        except KeyError:
            return None

    def find(self, names: Iterable[str]) -> Numbers:
        """The numbers of those names that have one."""
        wanted = set(names)
        found = self.known(wanted)
        return found if found is not None else self._database.read(lambda c: self._find(c, wanted))

    def _find(self, connection: Connection, wanted: set[str]) -> Numbers:
        known, rows = self._load(connection, _c.name, wanted)
        return Numbers({name: number for number, name, _ in rows if name in wanted}, known)

    def names(self, connection: Connection, numbers: set[int]) -> Mapping[int, str]:
        """The names of these numbers."""
        known = self._known.names
        found = {number: known[number] for number in numbers if number in known}
        missing = numbers - found.keys()
        if not missing:
            return found
        return found | {number: name for number, name, _ in self._load(connection, _c.id, missing)[1]}

    def _load(
        self, connection: Connection, column: ColumnElement[Any], values: Iterable[Any]
    ) -> tuple[_Known, list[tuple[int, str, int]]]:
        """Read keys, and cache them with those that are known: the same statement shows that these still hold."""
        while True:
            known, newest = self._known, self._known.newest
            asked = dialect.in_values(column, values)
            statement = select(_c.id, _c.name, _c.mark).where(or_(asked, _c.id == newest[0]) if newest else asked)
            rows = [(number, name, mark) for number, name, mark in connection.execute(statement)]
            if newest and newest not in {(number, mark) for number, _, mark in rows}:
                raise Restored
            with self._lock:
                # Else another thread has added newer keys, perhaps those of a restored database.
                if known is self._known and known.newest == newest:
                    known.add(rows)
                    return known, rows

    def check(self, connection: Connection) -> None:
        """Whether what is known still holds. Raises Restored if not."""
        newest = self._known.newest
        if newest is None:
            return
        try:
            rows = _MARK.rows(connection, number=newest[0])
        except SQLAlchemyError as error:
            if is_absent(error):
                raise Restored from None
            raise
        if rows != [(newest[1],)]:
            raise Restored

    def check_sometimes(self, connection: Connection) -> None:
        """The same for reads, which come more often: once in a second. Raises Restored."""
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + _READ_SECONDS
            self.check(connection)

    def check_soon(self) -> None:
        """Let the next read check, because a connection is new or was lost."""
        self._next_check = 0.0

    def prepare(self, connection: Connection, used: Sequence[Numbers]) -> None:
        """Begin a transaction that uses these numbers: they are renewed if they are not this database's.

        Raises Restored.
        """
        self.check(connection)
        known = self._known
        stale = [numbers for numbers in used if numbers.known is not known]
        if stale:
            names = {name for numbers in stale for name in numbers}
            _add(connection, names)
            found = select(_c.name, _c.id).where(dialect.in_values(_c.name, names))
            fresh: dict[str, int] = dict(connection.execute(found).tuples().all())
            for numbers in stale:
                numbers.update((name, fresh[name]) for name in numbers)

    def forget(self) -> None:
        """Forget what is known: the database is another one now."""
        with self._lock:
            self._known = _Known()


_MARK = dialect.PreparedStatement(lambda: select(_c.mark).where(_c.id == bindparam("number", type_=BigInteger())))


def _add(connection: Connection, names: Iterable[str]) -> None:
    """Store names. One transaction at a time does so, so that keys become visible in the order of their numbers."""
    if connection.dialect.name == dialect.POSTGRESQL:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    rows = [(name, secrets.randbits(63)) for name in sorted(names)]
    dialect.insert(connection, tables.keys, ("name", "mark"), rows, "ON CONFLICT (name) DO NOTHING")


def _intern(connection: Connection, requests: Sequence[tuple[str, ...]]) -> list[None]:
    _add(connection, {name for names in requests for name in names})
    return [None] * len(requests)


_INTERN: Bulk[tuple[str, ...], None] = Bulk(_intern)
