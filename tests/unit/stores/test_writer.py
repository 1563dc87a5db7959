"""The thread that writes: what fails or is cancelled concerns nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from mlyard.stores.sql.writer import Bulk, Writer


class Steady:
    """A database that nobody restores."""

    in_use = True

    def ready(self) -> None:
        pass

    def prepare(self, connection: Connection, used: Sequence[object]) -> None:
        pass

    def recover(self, engine: Engine) -> None:
        raise AssertionError

    def is_passing(self, error: Exception) -> bool:
        return False


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    engine = create_engine(f"sqlite:///{tmp_path / 'w.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER CHECK (x > 0))"))
    made = Writer(engine, patience=60, base=Steady())
    yield made
    made.close()
    engine.dispose()


def insert_all(connection: Connection, values: Sequence[int]) -> list[int]:
    for value in values:
        connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": value})
    return list(values)


INSERT: Bulk[int, int] = Bulk(insert_all)


def stored(writer: Writer) -> list[int]:
    return writer.submit(lambda c: list(c.execute(text("SELECT x FROM t ORDER BY x")).scalars())).result()


@pytest.fixture
def gate(writer: Writer) -> Iterator[threading.Event]:
    """While it is not set, the writer is busy, so that what is submitted becomes one group."""
    opened, busy = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        busy.set()
        opened.wait()

    writer.submit(wait)
    busy.wait()
    yield opened
    opened.set()


def test_a_request_that_the_database_refuses_fails_alone(writer: Writer, gate: threading.Event) -> None:
    futures = [writer.submit_bulk(INSERT, value) for value in (1, -1, 2)]
    gate.set()
    assert [future.exception() is None for future in futures] == [True, False, True]
    assert stored(writer) == [1, 2]


def test_a_cancelled_write_is_not_done_and_the_others_are(writer: Writer, gate: threading.Event) -> None:
    futures = [writer.submit_bulk(INSERT, value) for value in (1, 2, 3)]
    assert futures[1].cancel()
    gate.set()
    assert [futures[0].result(), futures[2].result()] == [1, 3]
    assert stored(writer) == [1, 3]


def test_a_write_that_runs_cannot_be_cancelled(writer: Writer) -> None:
    opened, busy = threading.Event(), threading.Event()

    def work(_: Connection) -> str:
        busy.set()
        opened.wait()
        return "done"

    future = writer.submit(work)
    busy.wait()
    assert not future.cancel()
    opened.set()
    assert future.result() == "done"
