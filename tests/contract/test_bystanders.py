"""A write changes what it names, and nothing else: neither other things, nor other values of the same thing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from mlyard.domain.logged_models import LoggedModelQuery
from mlyard.domain.page import ALL, ScopedQuery, SearchQuery
from mlyard.domain.runs import ModelOutput, Param, RunBatch, RunTag
from mlyard.ports.store import Store
from tests.contract.conftest import point
from tests.contract.every_write import WRITES, Entities


def filled(store: Store, name: str) -> Entities:
    """The entities, with a second tag, and values of every kind."""
    entities = Entities(store, name)
    store.experiments.set_tag(entities.experiment, "other", "o")
    metrics = tuple(point(key, 1.5, step=2) for key in ("m", "n"))
    batch = RunBatch(metrics=metrics, params=(Param(key="p", value="v"),), tags=(RunTag(key="other", value="o"),))
    store.runs.log_batch(entities.run, batch)
    store.runs.log_outputs(entities.run, [ModelOutput(model_id=f"m-{'0' * 32}", step=3)])
    store.logged_models.set_tags(entities.model, {"other": "o"})
    store.logged_models.log_params(entities.model, {"q": "v"})
    store.registered_models.set_tag(name, "other", "o")
    store.model_versions.set_tag(name, "1", "other", "o")
    store.registered_models.set_alias(name, "other", "1")
    return entities


def snapshot(store: Store, entities: Entities) -> dict[str, Any]:
    """All values, by the thing and the name of the value; times of the last change are left out."""
    experiments = [entities.experiment, entities.deleted_experiment]
    models = SearchQuery(filter=f"name LIKE '{entities.name}%'", max_results=100)
    found = [
        *(store.experiments.get(each) for each in experiments),
        *store.runs.search(ScopedQuery(experiment_ids=tuple(experiments), view=ALL)),
        *store.logged_models.search(LoggedModelQuery(experiment_ids=tuple(experiments))),
        *store.registered_models.search(models),
        *store.model_versions.search(models),
    ]
    values: dict[str, Any] = {f"history of {key}": list(store.metrics.history(entities.run, key)) for key in "mn"}
    for each in found:
        _flatten(values, _id_of(each), each.to_dictionary())
    return values


def _id_of(entity: Any) -> str:
    if hasattr(entity, "info"):
        return str(entity.info.run_id)
    names = ("model_id", "experiment_id", "version", "name") if not hasattr(entity, "version") else ("version",)
    return next(f"{type(entity).__name__} {getattr(entity, name)}" for name in names if hasattr(entity, name))


def _flatten(values: dict[str, Any], place: str, found: Any) -> None:
    if not isinstance(found, dict):
        values[place] = found
        return
    for name, value in found.items():
        if not name.startswith(("last_update", "latest_versions")):
            _flatten(values, f"{place}/{name}", value)


@pytest.mark.parametrize("write", WRITES)
def test_a_write_leaves_other_things_alone(store: Store, write: str) -> None:
    target, other = (filled(store, f"n-{uuid.uuid4().hex}") for _ in range(2))
    before = snapshot(store, other)
    WRITES[write](store, target)
    assert snapshot(store, other) == before


@pytest.mark.parametrize("write", [write for write in WRITES if "tag" in write or "alias" in write or "log_" in write])
def test_a_write_leaves_other_values_alone(store: Store, write: str) -> None:
    target = filled(store, f"n-{uuid.uuid4().hex}")
    before = snapshot(store, target)
    WRITES[write](store, target)
    after = snapshot(store, target)
    lost = {place for place in before if place not in after}
    changed = {place for place in before if place in after and after[place] != before[place]}
    assert [place.rpartition("/")[2] for place in lost] == (
        ["a" if "alias" in write else "t"] if "delete_" in write else []
    )
    assert all(place.endswith(("/tags/t", "model_outputs", "/aliases")) for place in changed)
