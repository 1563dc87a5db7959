"""Searches over more runs than a search follows in its order before it looks for matches first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlyard.domain.metrics import Metric
from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import NewRun, Param, RunBatch, RunTag
from mlyard.ports.store import Store
from mlyard.stores.memory.store import open_memory_store
from mlyard.stores.sql.store import open_sql_store
from tests.postgres import Cluster

RUNS = 2_600
FILTERS = [
    "metrics.a < 0.5",  # the runs with the largest b do not match
    "metrics.a < 0.5 and params.p = '3' and tags.t = '1'",
    "params.p = '3' and start_time > 100",
    "params.p != '3' or tags.t = '1'",
    "not params.p = '3'",
    "metrics.b != 0.25",
    "params.p = 'none'",
    "tags.t = '1' and run_name != 'run-7'",
]
ORDERS = [
    ("metrics.b DESC",),
    ("metrics.b ASC", "metrics.a"),
    ("metrics.same",),
    ("metrics.few DESC",),
    ("params.p DESC", "metrics.b"),
    ("tags.t",),
    ("tags.t", "start_time ASC"),
]


def batch(number: int) -> RunBatch:
    share = number * 7919 % RUNS / RUNS
    metrics = {"a": share, "b": (share + 0.1) % 1, "same": 1.0}
    if number % 300 == 0:
        metrics["few"] = math.nan if number % 600 == 0 else share
    return RunBatch(
        metrics=tuple(Metric(key=key, value=value, timestamp=1) for key, value in metrics.items()),
        params=(Param("p", str(number // 2 % 7)),) if number % 5 else (),
        tags=(RunTag("t", ("x" * 120 if number % 11 == 0 else "") + str(number // 14 % 3)),),
    )


def fill(store: Store) -> str:
    """Create the runs in an experiment of their own, many at a time; a second experiment has other runs."""
    other, experiment = store.experiments.create("other"), store.experiments.create("many")

    def add(number: int) -> None:
        parent = experiment if number < RUNS else other
        new = NewRun(experiment_id=parent, run_name=f"run-{number}", start_time=number)
        store.runs.log_batch(store.runs.create(new).info.run_id, batch(number))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(add, range(RUNS + 200)))
    return experiment


@pytest.fixture(scope="module")
def expected() -> tuple[Store, str]:
    store = open_memory_store("mlartifacts")
    return store, fill(store)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    folder: Path = tmp_path_factory.mktemp("many")
    cluster: Cluster | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    store = open_sql_store(cluster.new_database() if cluster else f"sqlite:///{folder / 'mlyard.db'}", str(folder))
    yield store, fill(store)
    store.close()


def pages(store: Store, experiment: str, condition: str, order: tuple[str, ...], size: int) -> list[list[str]]:
    """The names of the runs on the first six pages, and on the last if that is one of them."""
    found: list[list[str]] = []
    token: str | None = None
    while not found or (token and len(found) < 6):
        query = ScopedQuery(
            experiment_ids=(experiment,), filter=condition, order_by=order, max_results=size, page_token=token
        )
        page = store.runs.search(query)
        token = page.token
        found.append([run.info.run_name for run in page])
    return found


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("condition", FILTERS)
def test_all_pages_are_those_of_a_search_in_memory(
    expected: tuple[Store, str], filled: tuple[Store, str], condition: str, order: tuple[str, ...]
) -> None:
    assert pages(*filled, condition, order, 100) == pages(*expected, condition, order, 100)
    assert pages(*filled, condition, order, 700) == pages(*expected, condition, order, 700)
