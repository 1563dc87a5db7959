"""Writes that carry the id of a request are done once, in whichever order and however often they arrive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mlyard.core.errors import AlreadyExists, DoesNotExist
from mlyard.core.ids import new_request_id
from mlyard.domain.logged_models import LoggedModelQuery, NewLoggedModel
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.page import ScopedQuery, SearchQuery
from mlyard.domain.runs import NewRun
from mlyard.ports.store import Store
from tests.contract.conftest import name

Write = Callable[[Store, str, str, str], object]
"""With a store, the id of an experiment and the name of a registered model, and the id of the request."""
WRITES: dict[str, Write] = {
    "experiments.create": lambda s, _, m, id_: s.experiments.create(f"{m}-new", request_id=id_),
    "runs.create": lambda s, e, _, id_: s.runs.create(NewRun(experiment_id=e, request_id=id_)).info.run_id,
    "logged_models.create": lambda s, e, _, id_: (
        s.logged_models.create(NewLoggedModel(experiment_id=e, request_id=id_)).model_id
    ),
    "registered_models.create": lambda s, _, m, id_: s.registered_models.create(f"{m}-new", request_id=id_),
    "registered_models.rename": lambda s, _, m, id_: s.registered_models.rename(m, f"{m}-new", id_),
    "model_versions.create": lambda s, _, m, id_: (
        s.model_versions.create(NewModelVersion(name=m, source="s3://models/m", request_id=id_)).version
    ),
}


@pytest.fixture
def model(store: Store) -> str:
    return store.registered_models.create(name()).name


def counts(store: Store, experiment: str, model: str) -> list[int]:
    """How many of each thing there are that these writes make."""
    like = f"name LIKE '{model}%'"
    return [
        len(store.experiments.search(SearchQuery(filter=like))),
        len(store.runs.search(ScopedQuery(experiment_ids=(experiment,)))),
        len(store.logged_models.search(LoggedModelQuery(experiment_ids=(experiment,)))),
        len(store.registered_models.search(SearchQuery(filter=like, max_results=9))),
        len(store.model_versions.search(SearchQuery(filter=like))),
    ]


@pytest.mark.parametrize("write", WRITES)
def test_many_at_once_are_one(store: Store, experiment: str, model: str, write: str) -> None:
    request = new_request_id()
    before = sum(counts(store, experiment, model))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: WRITES[write](store, experiment, model, request), range(8)))
    assert answers == answers[:1] * 8
    assert sum(counts(store, experiment, model)) == before + (not write.endswith("rename"))


@pytest.mark.parametrize("write", ["experiments.create", "registered_models.create", "registered_models.rename"])
def test_another_request_is_refused(store: Store, experiment: str, model: str, write: str) -> None:
    WRITES[write](store, experiment, model, new_request_id())
    with pytest.raises((AlreadyExists, DoesNotExist)):
        WRITES[write](store, experiment, model, new_request_id())


def test_a_repeated_renaming_leaves_a_new_model_of_the_old_name_alone(store: Store, model: str) -> None:
    request, fresh = new_request_id(), name()
    store.registered_models.rename(model, fresh, request)
    store.registered_models.create(model, "another one")
    assert store.registered_models.rename(model, fresh, request).name == fresh
    assert store.registered_models.get(model).description == "another one"


def test_a_repeated_creation_changes_nothing(store: Store) -> None:
    """Not even what others have changed since."""
    request, chosen = new_request_id(), name()
    experiment = store.experiments.create(chosen, tags={"k": "v"}, request_id=request)
    store.experiments.set_tag(experiment, "k", "w")
    assert store.experiments.create(chosen, tags={"k": "v"}, request_id=request) == experiment
    assert store.experiments.get(experiment).tags == {"k": "w"}
    request = new_request_id()
    store.registered_models.create(chosen, tags={"k": "v"}, request_id=request)
    store.registered_models.set_tag(chosen, "k", "w")
    assert store.registered_models.create(chosen, tags={"k": "v"}, request_id=request).tags == {"k": "w"}
