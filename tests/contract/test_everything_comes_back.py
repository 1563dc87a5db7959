"""Every field that is stored comes back: from the call that creates, from get and from search."""

from __future__ import annotations

from typing import Any

import pytest

from mlyard.core.clock import now_ms
from mlyard.core.errors import AlreadyExists
from mlyard.domain.logged_models import LoggedModelQuery, NewLoggedModel
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.page import ScopedQuery, SearchQuery
from mlyard.domain.runs import NewRun, Run
from mlyard.ports.store import Store
from tests.conftest import until
from tests.contract.conftest import name

TAGS = {"b": "2", "a": "1"}


def fields_of(entity: Any, given: Any) -> dict[str, Any]:
    """Those fields of an entity that were given for it."""
    return {field: value for field, value in entity if field in given}


def test_an_experiment(store: Store) -> None:
    given = {"name": name(), "artifact_location": "s3://bucket/place", "tags": TAGS}
    made = store.experiments.create(**given)
    found = store.experiments.get(made)
    assert fields_of(found, given) == given
    assert (found.experiment_id, found.lifecycle_stage) == (made, "active")
    assert found.creation_time == found.last_update_time
    assert store.experiments.get_by_name(given["name"]) == found
    assert store.experiments.search(SearchQuery(filter=f"name = '{given['name']}'")).to_list() == [found]


def test_a_run(store: Store, experiment: str) -> None:
    given = {"experiment_id": experiment, "user_id": "ann", "run_name": "n", "start_time": 7}
    made = store.runs.create(NewRun(**given, tags=TAGS))
    assert fields_of(made.info, given) == given
    assert made.data.tags == {**TAGS, "mlflow.runName": "n"}
    assert (made.info.status, made.info.end_time, made.info.lifecycle_stage) == ("RUNNING", None, "active")
    assert store.runs.get(made.info.run_id) == made
    assert store.runs.search(ScopedQuery(experiment_ids=(experiment,))).to_list() == [made]


def test_a_logged_model(store: Store, experiment: str, run: Run) -> None:
    given = {
        "experiment_id": experiment,
        "name": "m",
        "model_type": "kind",
        "source_run_id": run.info.run_id,
        "params": {"p": "1", "o": "2"},
        "tags": TAGS,
    }
    made = store.logged_models.create(NewLoggedModel(**given, artifact_path="files"))
    assert fields_of(made, given) == given
    assert (made.status, made.artifact_uri) == ("LOGGED_MODEL_PENDING", f"{run.info.artifact_uri}/files")
    assert made.creation_timestamp == made.last_updated_timestamp
    assert store.logged_models.get(made.model_id) == made
    assert store.logged_models.search(LoggedModelQuery(experiment_ids=(experiment,))).to_list() == [made]


def test_a_registered_model(store: Store) -> None:
    given = {"name": name(), "description": "d", "tags": TAGS}
    made = store.registered_models.create(**given)
    assert fields_of(made, given) == given
    assert made.creation_timestamp == made.last_updated_timestamp
    assert (made.latest_versions, made.aliases) == ((), {})
    assert store.registered_models.get(made.name) == made
    assert store.registered_models.search(SearchQuery(filter=f"name = '{made.name}'", max_results=9)).to_list() == [
        made
    ]


def test_a_version(store: Store, experiment: str, run: Run) -> None:
    model = store.registered_models.create(name()).name
    logged = store.logged_models.create(NewLoggedModel(experiment_id=experiment)).model_id
    given = {
        "name": model,
        "source": "s3://models/m",
        "run_id": run.info.run_id,
        "run_link": "https://elsewhere/run",
        "model_id": logged,
        "description": "d",
        "tags": TAGS,
    }
    made = store.model_versions.create(NewModelVersion(**given))
    assert fields_of(made, given) == given
    assert (made.version, made.status, made.current_stage, made.user_id) == ("1", "READY", "None", "")
    assert made.creation_timestamp == made.last_updated_timestamp
    store.registered_models.set_alias(model, "b", "1")
    store.registered_models.set_alias(model, "a", "1")
    found = store.model_versions.get(model, "1")
    assert (fields_of(found, given), found.aliases) == (given, ("a", "b"))
    assert store.model_versions.search(SearchQuery(filter=f"name = '{model}'")).to_list() == [found]
    assert store.registered_models.get_by_alias(model, "b") == found
    assert store.registered_models.get(model).latest_versions == (found,)
    assert store.model_versions.download_uri(model, "1") == "s3://models/m"


@pytest.mark.parametrize("stages", [["Staging", "None", "Staging", "Production", "None"], ["None", "Archived", "None"]])
def test_the_newest_version_of_each_stage(store: Store, stages: list[str]) -> None:
    """Of each of two models, in the order in which the stages first appear."""
    prefix = name()
    for model in (f"{prefix}-1", f"{prefix}-2"):
        store.registered_models.create(model)
    for stage in stages:
        for model in (f"{prefix}-2", f"{prefix}-1"):
            made = store.model_versions.create(NewModelVersion(name=model, source="s3://models/m"))
            store.model_versions.transition(model, made.version, stage)
    newest = {stage: str(1 + place) for place, stage in enumerate(stages)}
    expected = [(stage, newest[stage]) for stage in dict.fromkeys(stages)]
    found = store.registered_models.search(SearchQuery(filter=f"name LIKE '{prefix}%'", max_results=9))
    assert [model.name for model in found] == [f"{prefix}-1", f"{prefix}-2"]
    for model in found:
        assert [(one.current_stage, one.version) for one in model.latest_versions] == expected
        assert {one.name for one in model.latest_versions} == {model.name}
        assert list(store.registered_models.latest_versions(model.name)) == list(model.latest_versions)


def test_a_rename_to_a_taken_name_is_refused_and_one_to_its_own_is_none(store: Store) -> None:
    taken, own = name(), name()
    for each in (taken, own):
        store.registered_models.create(each)
    experiments = {each: store.experiments.create(each) for each in (taken, own)}
    with pytest.raises(AlreadyExists, match=taken):
        store.registered_models.rename(own, taken)
    with pytest.raises(AlreadyExists, match=taken):
        store.experiments.rename(experiments[own], taken)
    assert store.registered_models.rename(own, own).name == own
    store.experiments.rename(experiments[own], own)
    assert store.experiments.get(experiments[own]).name == own


def test_a_tag_moves_the_time_of_a_logged_models_last_update(store: Store, experiment: str) -> None:
    """The times of all other entities are in test_last_updates.py."""
    logged = store.logged_models.create(NewLoggedModel(experiment_id=experiment))
    until(lambda: now_ms() > logged.creation_timestamp)
    store.logged_models.set_tags(logged.model_id, {"k": "v"})
    assert store.logged_models.get(logged.model_id).last_updated_timestamp > logged.creation_timestamp
