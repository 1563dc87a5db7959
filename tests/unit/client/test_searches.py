"""The searches of the Python API join pages: any number of results can be asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import mlyard

SEARCHES: dict[str, Callable[[int | None], list[Any]]] = {
    "search_experiments": lambda most: mlyard.search_experiments(max_results=most),
    "search_runs": lambda most: mlyard.search_runs(
        ["0"], max_results=100_000 if most is None else most, output_format="list"
    ),  # type: ignore[dict-item, return-value]
    "search_logged_models": lambda most: mlyard.search_logged_models(["0"], max_results=most, output_format="list"),  # type: ignore[dict-item, return-value]
    "search_registered_models": lambda most: mlyard.search_registered_models(max_results=most),
    "search_model_versions": lambda most: mlyard.search_model_versions(max_results=most),
}


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> mlyard.MlyardClient:
    """A store with five entities of each kind."""
    mlyard.set_tracking_uri(f"sqlite:///{tmp_path / 'mlyard.db'}")
    client = mlyard.MlyardClient()
    for number in range(5):
        client.create_run("0")
        client.create_logged_model("0")
        client.create_registered_model(f"m{number}")
        client.create_model_version(f"m{number}", "s3://models/line")
        if number:  # there is one already
            client.create_experiment(f"e{number}")
    return client


def test_every_search_is_in_the_table() -> None:
    assert {name for name in mlyard.__all__ if name.startswith("search_")} == set(SEARCHES)


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("most", [0, 2, 1000, 1001, 2000, 1_000_000, None])
def test_any_number_of_results_can_be_asked_for(name: str, most: int | None) -> None:
    assert len(SEARCHES[name](most)) == (5 if most is None else min(most, 5))


def test_more_logged_models_than_a_page_has(store: mlyard.MlyardClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.create_logged_model("0"), range(1100)))
    found = mlyard.search_logged_models(["0"], max_results=1050, output_format="list")
    assert len({model.model_id for model in found}) == 1050  # type: ignore[union-attr]  # a list was asked for
    assert len(mlyard.search_logged_models(["0"])) == 1105
