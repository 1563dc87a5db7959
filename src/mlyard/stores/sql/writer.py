"""Group commit: one thread drains waiting writes into one transaction.

Each write is answered after the commit that holds it. A write that fails is undone alone (by its
savepoint), the others of its group stay.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.core.log import logger
from mlyard.stores.sql.engine import WRITES

T = TypeVar("T")
Work = Callable[[Connection], Any]

_MAX_GROUP = 256
_log = logger("stores.sql.writer")


class Writer:
    """Runs writes, one group at a time. Safe to call from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="mlyard-writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction and return its result once that is on disk."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise TemporarilyUnavailable("The store is closed; nothing more can be written.")
            self._queue.put((work, future))
        return future.result()

    def close(self) -> None:
        """Finish what was accepted and stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            group, last = self._drain()
            if group:
                self._commit(group)
            if last:
                return

    def _drain(self) -> tuple[list[tuple[Work, Future[Any]]], bool]:
        group: list[tuple[Work, Future[Any]]] = []
        item = self._queue.get()
        while item is not None:
            group.append(item)
            if len(group) == _MAX_GROUP:
                return group, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[tuple[Work, Future[Any]]]) -> None:
        try:
            with self._engine.connect() as plain:
                connection = plain.execution_options(**{WRITES: True})
                with connection.begin():
                    answers = [_attempt(connection, work, future) for work, future in group]
        except Exception as error:  # noqa: BLE001 - the thread must outlive any failure; each caller gets it
            _log.error("A commit of %d writes failed: %s", len(group), error)
            answers = [partial(future.set_exception, _visible(error)) for _, future in group]
        for answer in answers:
            answer()


def _attempt(connection: Connection, work: Work, future: Future[Any]) -> Callable[[], None]:
    try:
        with connection.begin_nested():
            result = work(connection)
    except MlyardError as error:
        return partial(future.set_exception, error)
    return partial(future.set_result, result)


def _visible(error: Exception) -> Exception:
    if isinstance(error, SQLAlchemyError):
        return TemporarilyUnavailable("The database could not take the write; nothing was changed. Try again.")
    return error
