"""Tags that hold lists, on a server of MLflow, which cannot add an entry itself."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from mlyard import MlyardClient
from mlyard.core.errors import DoesNotExist
from mlyard.domain.list_tags import TAG_LOGGED_MODELS, TAG_LOGGED_TABLES, TAG_VERSIONS
from mlyard.stores.rest.store import open_rest_store
from mlyard.transport.session import Session
from tests.conftest import LiveServer


def test_threads_of_one_process_lose_no_entries(mlflows: LiveServer) -> None:
    """Each has a client of its own."""
    client = MlyardClient(mlflows.url)
    run_id, model_id = client.create_run("0").info.run_id, client.create_logged_model("0", name="m").model_id

    def add(number: int) -> None:
        store = open_rest_store(Session(mlflows.url))
        for key in (TAG_LOGGED_TABLES, TAG_LOGGED_MODELS):
            store.runs.add_to_tag(run_id, key, {"path": f"{number:02}"})
        store.logged_models.add_to_tag(model_id, TAG_VERSIONS, {"path": f"{number:02}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, [*range(12), *range(12)]))
    of_run, of_model = client.get_run(run_id).data.tags, client.get_logged_model(model_id).tags
    for text in (of_run[TAG_LOGGED_TABLES], of_run[TAG_LOGGED_MODELS], of_model[TAG_VERSIONS]):
        assert sorted(entry["path"] for entry in json.loads(text)) == [f"{number:02}" for number in range(12)]


def test_what_does_not_exist_has_no_tags(mlflows: LiveServer) -> None:
    store = open_rest_store(Session(mlflows.url))
    with pytest.raises(DoesNotExist):
        store.runs.add_to_tag("0" * 32, TAG_LOGGED_TABLES, {"path": "t"})
    with pytest.raises(DoesNotExist):
        store.logged_models.add_to_tag(f"m-{'0' * 32}", TAG_VERSIONS, {"name": "m"})
