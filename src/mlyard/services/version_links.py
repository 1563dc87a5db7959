"""Names the versions of a logged model in its tag ``mlflow.modelVersions``, as MLflow's servers and clients do."""

from __future__ import annotations

from contextlib import suppress

from mlyard.core.errors import DoesNotExist
from mlyard.domain.list_tags import TAG_VERSIONS
from mlyard.domain.model_versions import ModelVersion
from mlyard.ports.logged_models import LoggedModelStore


def link_version(models: LoggedModelStore, version: ModelVersion) -> None:
    """Add a version to the tag of its logged model, if it has one and ``models`` has it.

    A registry can be apart from the tracking server, so the model may be elsewhere.
    """
    if not version.model_id:
        return
    with suppress(DoesNotExist):
        models.add_to_tag(version.model_id, TAG_VERSIONS, {"name": version.name, "version": int(version.version)})
