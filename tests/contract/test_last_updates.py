"""Which calls set the time of the last update of a model, its versions and an experiment: lists are ordered by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mlyard.core.clock import now_ms
from mlyard.domain.model_versions import NewModelVersion
from mlyard.domain.runs import NewRun
from mlyard.ports.store import Store
from tests.contract.conftest import name


@dataclass(frozen=True)
class Subject:
    """A model with two versions in Staging, and an experiment."""

    store: Store
    model: str
    experiment: str

    def times(self, model: str) -> dict[str, int]:
        """The times of all of them; the model may have another name by now."""
        versions = {
            version: self.store.model_versions.get(model, version).last_updated_timestamp for version in ("1", "2")
        }
        return {
            "model": self.store.registered_models.get(model).last_updated_timestamp,
            "experiment": self.store.experiments.get(self.experiment).last_update_time or 0,
            **versions,
        }


Call = Callable[[Subject], object]
CALLS: dict[str, tuple[str, Call]] = {
    "a new version": ("model", lambda s: s.store.model_versions.create(_new_version(s.model))),
    "the model's description": ("model", lambda s: s.store.registered_models.update(s.model, "new")),
    "the model's tag": ("", lambda s: s.store.registered_models.set_tag(s.model, "k", "v")),
    "the model's tag is removed": ("", lambda s: s.store.registered_models.delete_tag(s.model, "k")),
    "an alias": ("", lambda s: s.store.registered_models.set_alias(s.model, "best", "1")),
    "an alias is removed": ("", lambda s: s.store.registered_models.delete_alias(s.model, "best")),
    "the model's name": ("model 1 2", lambda s: s.store.registered_models.rename(s.model, f"{s.model}-2")),
    "the same name": ("model 1 2", lambda s: s.store.registered_models.rename(s.model, s.model)),
    "a version's description": ("1", lambda s: s.store.model_versions.update(s.model, "1", "new")),
    "a version's tag": ("", lambda s: s.store.model_versions.set_tag(s.model, "1", "k", "v")),
    "a version's tag is removed": ("", lambda s: s.store.model_versions.delete_tag(s.model, "1", "k")),
    "a version's stage": ("model 1", lambda s: s.store.model_versions.transition(s.model, "1", "Production")),
    "others are archived": (
        "model 1 2",
        lambda s: s.store.model_versions.transition(s.model, "1", "Staging", archive_existing=True),
    ),
    "a version is removed": ("model", lambda s: s.store.model_versions.delete(s.model, "3")),
    "the experiment's name": ("experiment", lambda s: s.store.experiments.rename(s.experiment, name())),
    "the experiment's tag": ("", lambda s: s.store.experiments.set_tag(s.experiment, "k", "v")),
    "the experiment's tag is removed": ("", lambda s: s.store.experiments.delete_tag(s.experiment, "old")),
    "a new run": ("", lambda s: s.store.runs.create(NewRun(experiment_id=s.experiment))),
    "the experiment is removed": ("experiment", lambda s: s.store.experiments.delete(s.experiment)),
}


def _new_version(model: str) -> NewModelVersion:
    return NewModelVersion(name=model, source="s3://bucket/model")


@pytest.fixture
def subject(store: Store) -> Subject:
    model = store.registered_models.create(name()).name
    for _ in range(3):
        store.model_versions.create(_new_version(model))
    for version in ("1", "2"):
        store.model_versions.transition(model, version, "Staging")
    return Subject(store, model, store.experiments.create(name(), tags={"old": "v"}))


@pytest.mark.parametrize("what", CALLS)
def test_a_call_sets_the_times_of_what_it_changes(subject: Subject, what: str) -> None:
    touched, call = CALLS[what]
    before = subject.times(subject.model)
    while now_ms() <= max(before.values()):
        pass  # the next millisecond, so that a new time is another one
    call(subject)
    after = subject.times(f"{subject.model}-2" if what == "the model's name" else subject.model)
    assert {key for key, time in after.items() if time != before[key]} == set(touched.split())
