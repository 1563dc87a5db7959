"""Tags that hold lists: whoever adds an entry at the same time as others, none gets lost, and none is there twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.limits import MAX_TAG_VALUE
from mlyard.domain.list_tags import TAG_LOGGED_MODELS, TAG_LOGGED_TABLES, TAG_VERSIONS
from mlyard.domain.logged_models import NewLoggedModel
from mlyard.domain.runs import NewRun, RunBatch, RunTag
from mlyard.ports.store import Store

Entry = Mapping[str, Any]
ENTRIES: dict[str, Callable[[int], Entry]] = {
    TAG_LOGGED_MODELS: lambda n: {"artifact_path": f"m{n}", "flavors": {"sklearn": {"code": None}}},
    TAG_LOGGED_TABLES: lambda n: {"path": f"{n}.json", "type": "table"},
    TAG_VERSIONS: lambda n: {"name": "Line", "version": n},
}


class Place:
    """A run or a logged model, with what a test does to its tags."""

    def __init__(self, store: Store, experiment: str, *, is_run: bool) -> None:
        self._store, self._is_run = store, is_run
        if is_run:
            self.id = store.runs.create(NewRun(experiment_id=experiment)).info.run_id
        else:
            self.id = store.logged_models.create(NewLoggedModel(experiment_id=experiment)).model_id

    def add(self, key: str, entry: Entry) -> None:
        (self._store.runs if self._is_run else self._store.logged_models).add_to_tag(self.id, key, entry)

    def set(self, key: str, value: str) -> None:
        if self._is_run:
            self._store.runs.log_batch(self.id, RunBatch(tags=(RunTag(key=key, value=value),)))
        else:
            self._store.logged_models.set_tags(self.id, {key: value})

    def get(self, key: str) -> str | None:
        entity = self._store.runs.get(self.id).data if self._is_run else self._store.logged_models.get(self.id)
        return entity.tags.get(key)


@pytest.fixture(params=["run", "logged model"])
def place(store: Store, experiment: str, request: pytest.FixtureRequest) -> Place:
    return Place(store, experiment, is_run=request.param == "run")


@pytest.mark.parametrize("key", ENTRIES)
def test_entries_that_are_added_at_once_are_all_there_once(place: Place, key: str) -> None:
    entries = [ENTRIES[key](number) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda entry: place.add(key, entry), [*entries, *entries]))
    assert sorted(json.loads(place.get(key) or ""), key=repr) == sorted(entries, key=repr)


@pytest.mark.parametrize("key", ENTRIES)
def test_the_newest_is_the_last(place: Place, key: str) -> None:
    entries = [ENTRIES[key](number) for number in (2, 1, 3)]
    for entry in entries:
        place.add(key, entry)
    assert json.loads(place.get(key) or "") == entries


FULL = json.dumps(["x" * (MAX_TAG_VALUE - 10)])


@pytest.mark.parametrize("before", ["not JSON", '{"a": 1}', '[{"cut": "o', "[" * 2000, FULL])
def test_what_is_not_a_list_or_has_no_room(place: Place, before: str) -> None:
    """The history of logged models refuses an entry, the list of tables stays, that of versions begins anew."""
    for key in ENTRIES:
        place.set(key, before)
    with pytest.raises(InvalidParameter):
        place.add(TAG_LOGGED_MODELS, ENTRIES[TAG_LOGGED_MODELS](0))
    for key in (TAG_LOGGED_TABLES, TAG_VERSIONS):
        place.add(key, ENTRIES[key](0))
    assert [place.get(key) for key in ENTRIES] == [before, before, json.dumps([ENTRIES[TAG_VERSIONS](0)])]


@pytest.mark.parametrize("version", [7, "7"])
def test_a_version_is_known_as_a_number_and_as_text(place: Place, version: object) -> None:
    listed = json.dumps([{"name": "Line", "version": version}])
    place.set(TAG_VERSIONS, listed)
    for known in (7, "7"):
        place.add(TAG_VERSIONS, {"name": "Line", "version": known})
    assert place.get(TAG_VERSIONS) == listed
    place.add(TAG_VERSIONS, {"name": "Line", "version": 8})
    assert len(json.loads(place.get(TAG_VERSIONS) or "")) == 2


@pytest.mark.parametrize("key", ["mlflow.note.content", "x", "mlflow.loggedArtifacts2"])
def test_other_tags_hold_no_lists(place: Place, key: str) -> None:
    with pytest.raises(InvalidParameter, match="holds no list"):
        place.add(key, {"a": 1})
    assert place.get(key) is None


def test_what_does_not_exist_has_no_tags(store: Store) -> None:
    with pytest.raises(DoesNotExist):
        store.runs.add_to_tag("0" * 32, TAG_LOGGED_TABLES, {"path": "t"})
    with pytest.raises(DoesNotExist):
        store.logged_models.add_to_tag(f"m-{'0' * 32}", TAG_VERSIONS, {"name": "m"})
