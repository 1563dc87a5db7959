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
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.core.forks import undisturbed
from mlyard.core.log import logger
from mlyard.stores.sql.failures import is_transient, is_unstorable, unstorable
from mlyard.stores.sql.receipts import Receipt, is_committed, receipt

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


class _Item(NamedTuple):
    bulk: Bulk[Any, Any]
    request: Any
    future: Future[Any]
    deadline: float


class Writer:
    """Runs writes, one group at a time. Safe to call from any thread."""

    def __init__(self, engine: Engine, patience: float) -> None:
        """``patience``: the seconds that a write waits for a database that cannot be reached."""
        self._engine = engine
        self._patience = patience
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="mlyard-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue ``work``, to run in its own transaction."""
        alone: Bulk[None, T] = Bulk(lambda connection, _: [work(connection)], once=True)
        return self.submit_bulk(alone, None)

    def submit_bulk(self, bulk: Bulk[T, R], request: T) -> Future[R]:
        """Queue a request, to be done together with the others of its kind that are waiting."""
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                raise TemporarilyUnavailable("The store is closed: nothing can be written any more.")
            self._queue.put(_Item(bulk, request, future, time.monotonic() + self._patience))
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
            outcomes = self._commit(bulk, [item.request for item in items], items[0].deadline)
        except Exception as error:  # noqa: BLE001 - the thread must survive; the callers get the error
            if len(items) == 1 or isinstance(error, TemporarilyUnavailable):
                outcomes = [_visible(error)] * len(items)
            else:
                for item in items:
                    self._do(bulk, [item])
                return
        for item, outcome in zip(items, outcomes, strict=True):
            _answer(item.future, outcome)

    def _commit(self, bulk: Bulk[Any, Any], requests: Sequence[Any], deadline: float) -> Sequence[Any]:
        pause, refused = 0.01, False
        earlier: Receipt | None = None
        while time.monotonic() < deadline:
            try:
                with undisturbed, self._engine.begin() as connection:
                    if earlier and is_committed(connection, earlier, deadline):
                        return earlier.outcomes
                    outcomes = bulk.work(connection, requests)
                    earlier = receipt(connection, outcomes) if bulk.once else None
                    return outcomes
            except IntegrityError:
                # Another server has taken the same name since this one looked. The second look finds it.
                if refused:
                    raise
                refused = True
            except SQLAlchemyError as error:
                if not is_transient(error):
                    raise
                _log.warning("A write failed, and is retried until its time limit: %s", type(error).__name__)
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(2 * pause, _LONGEST_PAUSE)
        raise TemporarilyUnavailable("The database is busy or cannot be reached. Try again.")


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
