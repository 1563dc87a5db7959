"""A run may have many keys: what is logged to all of them takes few statements, and few rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from mlyard.domain.metrics import Metric
from mlyard.domain.runs import FINISHED, NewRun, RunBatch
from mlyard.ports.store import Store
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.store import open_sql_store

KEYS = 900
POINTS_OF_ROW = 16


@pytest.fixture
def uri(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'mlyard.db'}"


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """All statements that are sent to databases that are opened later."""
    found: list[str] = []

    def watch(connection: Any, _: Any) -> None:
        connection.set_trace_callback(found.append)

    event.listen(Engine, "connect", watch)
    yield found
    event.remove(Engine, "connect", watch)


@pytest.fixture
def store(statements: list[str], uri: str) -> Iterator[Store]:
    opened = open_sql_store(uri, "")
    yield opened
    opened.close()


def step(number: int, keys: int = KEYS, prefix: str = "k") -> RunBatch:
    """A point for each key."""
    return RunBatch(metrics=tuple(Metric(f"{prefix}{key}", float(number), number, number) for key in range(keys)))


def rows_of(uri: str) -> int:
    """The number of rows that hold points."""
    database = Database(uri)
    count = "SELECT (SELECT count(*) FROM metric_tails) + (SELECT count(*) FROM metric_chunks)"
    found = int(database.read(lambda connection: connection.execute(text(count)).scalar_one()))
    database.close()
    return found


def test_late_points_of_many_keys_take_as_many_statements_as_those_of_few(store: Store, statements: list[str]) -> None:
    """As when a batch is sent again, because its answer was lost."""
    counted = []
    for keys in (2, 200):
        run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
        for number in (0, 0, 5, 5, 3, 3):
            statements.clear()
            store.runs.log_batch(run_id, step(number, keys))
            # In SQLite, each row that is inserted is a statement; in PostgreSQL, all rows are one.
            counted.append(sum(not each.startswith("INSERT") for each in statements))
    few, many = counted[: len(counted) // 2], counted[len(counted) // 2 :]
    assert many == few


def test_many_keys_are_not_folded_into_chunks_of_few_points(store: Store, uri: str) -> None:
    run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
    steps = 40
    for number in range(steps):
        for prefix in "abc":
            store.runs.log_batch(run_id, step(number, prefix=prefix))
    assert rows_of(uri) < 3 * KEYS * steps / POINTS_OF_ROW
    assert sum(each.count for each in store.metrics.figures([run_id])) == 3 * KEYS * steps
    store.runs.update(run_id, status=FINISHED)
    assert rows_of(uri) == 3 * KEYS


def test_a_late_point_of_one_key_leaves_the_others_where_they_are(store: Store, uri: str) -> None:
    run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
    for number in range(10):
        store.runs.log_batch(run_id, step(number))
        store.runs.log_batch(run_id, RunBatch(metrics=(Metric("k1", 1.0, 0, -number),)))
    assert rows_of(uri) < 50
    for key, count in (("k0", 10), ("k1", 20)):
        assert sum(len(series.values) for series in store.metrics.series([run_id], [key])) == count
