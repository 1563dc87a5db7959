"""A page token is only valid, and unchanged, for the search that it was made for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.domain.logged_models import DatasetReference, LoggedModelQuery, NewLoggedModel
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.page import ALL, PagedList, ScopedQuery, SearchQuery
from mlyard.domain.runs import NewRun, RunBatch
from mlyard.ports.store import Store
from tests.contract.conftest import name, point

Search = Callable[[str | None, int], PagedList[Any]]
NUMBER = 5


@pytest.fixture
def searches(store: Store) -> dict[str, Search]:
    """Searches that each find at least NUMBER entities, and that differ in one thing each from another one."""
    ids = [store.experiments.create(name()) for _ in range(NUMBER)]
    model = name()
    store.registered_models.create(model)
    runs = [store.runs.create(NewRun(experiment_id=ids[n // NUMBER])).info.run_id for n in range(2 * NUMBER)]
    for run_id in runs[:2]:
        points = tuple(point(key, n, step=n, timestamp=n) for key in ("m", "n") for n in range(NUMBER))
        store.runs.log_batch(run_id, RunBatch(metrics=points))
    for n in range(NUMBER):
        store.registered_models.create(name())
        store.logged_models.create(NewLoggedModel(experiment_id=ids[0], name=f"l{n}"))
        store.model_versions.create(NewModelVersion(name=model, source=f"runs:/{runs[0]}/x", run_id=runs[0]))
    some = {"experiment_ids": (ids[0],)}

    def pages(search: Callable[[Any], PagedList[Any]], query: type[SearchQuery], **fields: Any) -> Search:
        return lambda token, size: search(query(page_token=token, max_results=size, **fields))

    def history(run_id: str, key: str) -> Search:
        return lambda token, size: store.metrics.history(run_id, key, size, token)

    return {
        "runs": pages(store.runs.search, ScopedQuery, **some),
        "runs filtered": pages(store.runs.search, ScopedQuery, filter="attributes.status = 'RUNNING'", **some),
        "runs ordered": pages(store.runs.search, ScopedQuery, order_by=("start_time ASC",), **some),
        "runs by metric": pages(store.runs.search, ScopedQuery, order_by=("metrics.m",), **some),
        "runs by text": pages(store.runs.search, ScopedQuery, order_by=("attributes.run_name",), **some),
        "runs of all stages": pages(store.runs.search, ScopedQuery, view=ALL, **some),
        "runs of another experiment": pages(store.runs.search, ScopedQuery, experiment_ids=(ids[1],)),
        "runs of both": pages(store.runs.search, ScopedQuery, experiment_ids=(ids[0], ids[1])),
        "experiments": pages(store.experiments.search, SearchQuery),
        "experiments ordered": pages(store.experiments.search, SearchQuery, order_by=("name DESC",)),
        "models": pages(store.registered_models.search, SearchQuery),
        "versions": pages(store.model_versions.search, SearchQuery, filter=f"name = '{model}'"),
        "versions of all": pages(store.model_versions.search, SearchQuery),
        "logged models": pages(store.logged_models.search, LoggedModelQuery, **some),
        "logged models ordered": pages(store.logged_models.search, LoggedModelQuery, order_by=("name",), **some),
        "logged models by dataset": pages(
            store.logged_models.search,
            LoggedModelQuery,
            order_by=("metrics.m",),
            order_datasets=(DatasetReference(name="d"),),
            **some,
        ),
        "history": history(runs[0], "m"),
        "history of another key": history(runs[0], "n"),
        "history of another run": history(runs[1], "m"),
    }


def test_a_token_of_one_search_is_refused_by_all_others(searches: dict[str, Search]) -> None:
    tokens = {title: search(None, 2).token for title, search in searches.items()}
    for title, token in tokens.items():
        assert token, title
        for other, search in searches.items():
            if other == title:
                assert search(token, 3), title
                continue
            with pytest.raises(InvalidParameter, match=r"Invalid page token .* same search"):
                search(token, 2)


def test_a_token_that_was_changed_is_refused(searches: dict[str, Search]) -> None:
    for title in ("runs", "history"):
        token = str(searches[title](None, 2).token)
        changed = [token[:at] + ("B" if token[at] == "A" else "A") + token[at + 1 :] for at in range(len(token))]
        for wrong in (*changed, token[:-1], f"{token}A", f"{token}=", f" {token}", token * 2, "é", "\ud800", "0", "3"):
            with pytest.raises(InvalidParameter):
                searches[title](wrong, 2)


def test_a_history_that_gets_out_of_order_is_read_to_its_end(store: Store) -> None:
    run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
    points = [point("m", n, step=n, timestamp=10 + n) for n in range(6)]
    store.runs.log_batch(run_id, RunBatch(metrics=tuple(points)))
    first = store.metrics.history(run_id, "m", 3)
    store.runs.log_batch(run_id, RunBatch(metrics=(point("m", 6, step=6, timestamp=1),)))
    rest = store.metrics.history(run_id, "m", 10, first.token)
    assert {p.value for p in [*first, *rest]} >= {0, 1, 2, 3, 4, 5}
