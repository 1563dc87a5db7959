"""Group commit: one thread does all waiting writes of one kind in one transaction.

A write is answered when its transaction is committed. A request that breaks a rule fails alone: the bulk function
returns an error in its place. If the database refuses a group, its requests are tried one by one. Writes without a
kind have a transaction each. While the database cannot be reached, a write waits for it, up to a time limit that
starts when the write is submitted.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.core.forks import undisturbed
from mlyard.core.log import logger
from mlyard.stores.sql.failures import Restored, is_absent, is_unstorable, unstorable
from mlyard.stores.sql.receipts import Receipt, Receipts

T = TypeVar("T")
R = TypeVar("R")

_MAX_GROUP = 256
_LONGEST_PAUSE = 1.0
_log = logger("stores.sql.writer")


class Bulk(Generic[T, R]):
    """A kind of write: ``work`` takes many requests, and returns an answer or a MlyardError for each.

    It may run more than once for the same requests, so it must be idempotent, unless it is to be done ``once``: then
    it is not run again after a commit, even if the answer to the commit got lost. That costs a round trip.
    """

    def __init__(
        self, work: Callable[[Connection, Sequence[T]], Sequence[R | MlyardError]], *, once: bool = False
    ) -> None:
        self.work = work
        self.once = once


class Base(Protocol):
    """The database under the transactions, which may be restored from a backup at any time."""

    @property
    def in_use(self) -> bool:
        """Whether the schema is complete. Before that, only what may be done twice is written."""

    def ready(self) -> None:
        """Before a connection is taken. Raises Restored, TemporarilyUnavailable."""

    def prepare(self, connection: Connection, used: Sequence[Any]) -> None:
        """Begin a transaction that uses these numbers of keys. Raises Restored."""

    def recover(self, engine: Engine) -> None:
        """Read anew what is known of a restored database. Raises TemporarilyUnavailable."""

    def is_passing(self, error: Exception) -> bool:
        """Whether a write that failed is to be tried again."""


class _Item(NamedTuple):
    bulk: Bulk[Any, Any]
    request: Any
    used: Any
    future: Future[Any]
    deadline: float


@dataclass
class _Task:
    """Requests of one kind, and the receipt of the last attempt to write them."""

    bulk: Bulk[Any, Any]
    items: Sequence[_Item]
    receipt: Receipt | None = None


class Writer:
    """Runs writes, one group at a time. Safe to call from any thread."""

    def __init__(self, engine: Engine, patience: float, base: Base) -> None:
        """``patience``: the seconds that a write waits for a database that cannot be reached."""
        self._engine = engine
        self._patience = patience
        self._base = base
        self._receipts = Receipts()
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="mlyard-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T], used: Any = None) -> Future[T]:
        """Queue ``work``, to run in its own transaction. ``used``: the numbers of keys that it uses."""
        alone: Bulk[None, T] = Bulk(lambda connection, _: [work(connection)], once=True)
        return self.submit_bulk(alone, None, used)

    def submit_bulk(self, bulk: Bulk[T, R], request: T, used: Any = None) -> Future[R]:
        """Queue a request, to be done together with the others of its kind that are waiting."""
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                raise TemporarilyUnavailable("The store is closed: nothing can be written any more.")
            self._queue.put(_Item(bulk, request, used, future, time.monotonic() + self._patience))
        return future

    def close(self) -> None:
        """Finish the accepted writes, and stop."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._drain()
            kinds: dict[Bulk[Any, Any], list[_Item]] = {}
            for item in group:
                # From here on, the future cannot be cancelled.
                if item.future.set_running_or_notify_cancel():
                    kinds.setdefault(item.bulk, []).append(item)
            for bulk, items in kinds.items():
                self._do(bulk, items)

    def _drain(self) -> tuple[list[_Item], bool]:
        group: list[_Item] = []
        item = self._queue.get()
        while item is not None:
            group.append(item)
            if len(group) == _MAX_GROUP:
                return group, True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _do(self, bulk: Bulk[Any, Any], items: list[_Item]) -> None:
        try:
            outcomes = self._commit(bulk, items)
        except Exception as error:  # noqa: BLE001 - the thread must survive; the callers get the error
            if len(items) == 1 or isinstance(error, TemporarilyUnavailable):
                outcomes = [_visible(error)] * len(items)
            else:
                for item in items:
                    self._do(bulk, [item])
                return
        for item, outcome in zip(items, outcomes, strict=True):
            _answer(item.future, outcome)

    def _commit(self, bulk: Bulk[Any, Any], items: Sequence[_Item]) -> Sequence[Any]:
        pause, refused, restored, deadline = 0.01, False, False, items[0].deadline
        task = _Task(bulk, items)
        while time.monotonic() < deadline:
            try:
                if restored:
                    self._base.recover(self._engine)
                    restored = False
                return self._try(task)
            except Restored:
                restored = True
            except IntegrityError:
                # Another server has taken the same name since this one looked. The second look finds it.
                if refused:
                    raise
                refused = True
            except (SQLAlchemyError, TemporarilyUnavailable) as error:
                if not self._base.is_passing(error):
                    raise
                restored = restored or is_absent(error)
                _log.warning("A write failed, and is retried until its time limit: %s", type(error).__name__)
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(2 * pause, _LONGEST_PAUSE)
        raise TemporarilyUnavailable("The database is busy or cannot be reached. Try again.")

    def _try(self, task: _Task) -> Sequence[Any]:
        self._base.ready()
        with undisturbed, self._engine.begin() as connection:
            self._base.prepare(connection, [item.used for item in task.items if item.used is not None])
            if task.receipt and self._receipts.has(connection, task.receipt):
                outcomes = task.receipt.outcomes
            else:
                once = task.bulk.once and self._base.in_use
                outcomes = task.bulk.work(connection, [item.request for item in task.items])
                task.receipt = self._receipts.leave(connection, outcomes) if once else None
        return outcomes


def _answer(future: Future[Any], outcome: Any) -> None:
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _visible(error: Exception) -> Exception:
    if is_unstorable(error):
        return unstorable()
    if isinstance(error, IntegrityError):
        _log.exception("A write broke a constraint")
    return error
