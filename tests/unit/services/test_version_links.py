"""The tag of a logged model that names its versions in the registry."""

from __future__ import annotations

import json

import pytest

from mlyard.domain.limits import MAX_TAG_VALUE
from mlyard.domain.list_tags import TAG_VERSIONS
from mlyard.domain.logged_models import NewLoggedModel
from mlyard.domain.model_versions import ModelVersion
from mlyard.services.version_links import link_version
from mlyard.stores.memory.store import open_memory_store


def version(number: int, model_id: str | None, name: str = "Line") -> ModelVersion:
    return ModelVersion(name, str(number), 1, 1, model_id=model_id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[{"name": "Line", "version": 1}]'),
        ('[{"name": "Other", "version": 1}]', '[{"name": "Other", "version": 1}, {"name": "Line", "version": 1}]'),
        ('[{"name": "Line", "version": "1"}]', '[{"name": "Line", "version": "1"}]'),
        ("not JSON", '[{"name": "Line", "version": 1}]'),
        ('{"a": 1}', '[{"name": "Line", "version": 1}]'),
    ],
)
def test_a_version_is_added_once(before: str, after: str) -> None:
    models = open_memory_store("").logged_models
    model_id = models.create(NewLoggedModel(experiment_id="0", tags={TAG_VERSIONS: before} if before else {})).model_id
    for _ in range(2):
        link_version(models, version(1, model_id))
    assert models.get(model_id).tags == {TAG_VERSIONS: after}


def test_any_number_of_versions_fits() -> None:
    """The newest stay."""
    models = open_memory_store("").logged_models
    model_id = models.create(NewLoggedModel(experiment_id="0")).model_id
    for number in range(1, 400):
        link_version(models, version(number, model_id))
    tag = models.get(model_id).tags[TAG_VERSIONS]
    assert len(tag) <= MAX_TAG_VALUE
    numbers = [entry["version"] for entry in json.loads(tag)]
    assert numbers == list(range(numbers[0], 400))
    assert len(numbers) > 200


def test_models_elsewhere_are_left_alone() -> None:
    models = open_memory_store("").logged_models
    link_version(models, version(1, None))
    link_version(models, version(1, "m-" + "0" * 32))
