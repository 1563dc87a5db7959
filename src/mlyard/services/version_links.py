"""Names the versions of a logged model in its tag ``mlflow.modelVersions``, as MLflow's servers and clients do."""

from __future__ import annotations

import json
from typing import Any

from mlyard.core.errors import DoesNotExist
from mlyard.domain import limits
from mlyard.domain.model_versions import ModelVersion
from mlyard.ports.logged_models import LoggedModelStore

TAG_VERSIONS = "mlflow.modelVersions"


def link_version(models: LoggedModelStore, version: ModelVersion) -> None:
    """Add a version to the tag of its logged model, if it has one and ``models`` has it.

    A registry can be apart from the tracking server, so the model may be elsewhere.
    """
    if not version.model_id:
        return
    try:
        text = models.get(version.model_id).tags.get(TAG_VERSIONS, "")
        linked = _linked(text, {"name": version.name, "version": int(version.version)})
        if linked != text:
            models.set_tags(version.model_id, {TAG_VERSIONS: linked})
    except DoesNotExist:
        pass


def _linked(text: str, entry: dict[str, Any]) -> str:
    """The tag with the entry. Of more than fit, the newest stay."""
    known = _entries(text)
    if any(_same(one, entry) for one in known):
        return text
    entries = [*known, entry]
    while len(linked := json.dumps(entries)) > limits.MAX_TAG_VALUE:
        del entries[0]
    return linked


def _entries(text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _same(one: Any, entry: dict[str, Any]) -> bool:
    """Whether it is the same version. MLflow's servers write numbers, and its clients text."""
    return isinstance(one, dict) and all(str(one.get(key)) == str(value) for key, value in entry.items())
