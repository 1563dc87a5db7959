"""The fluent functions about registered models and their versions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.client.backends import open_backend
from mlyard.client.client import MlyardClient
from mlyard.client.pages import all_pages
from mlyard.core.errors import AlreadyExists
from mlyard.domain.model_versions import ModelVersion
from mlyard.services.model_sources import separate_model


def register_model(
    model_uri: str, name: str, await_registration_for: float | None = None, tags: Mapping[str, Any] | None = None
) -> ModelVersion:
    """A new version of a model, which is made when there is none of that name."""
    client = MlyardClient()
    try:
        client.create_registered_model(name)
        print(f"Successfully registered model '{name}'.", file=sys.stderr)
    except AlreadyExists:
        print(f"Registered model '{name}' already exists. Creating a new version of this model...", file=sys.stderr)
    version = _create_version(client, model_uri, name, tags)
    print(f"Created version '{version.version}' of model '{name}'.", file=sys.stderr)
    return version


def _create_version(client: MlyardClient, uri: str, name: str, tags: Mapping[str, Any] | None) -> ModelVersion:
    if uri.startswith("models:/m-"):
        return client.create_model_version(name, uri, tags=tags, model_id=uri[len("models:/") :])
    if not uri.startswith("runs:/"):
        return client.create_model_version(name, uri, tags=tags)
    run_id, _, path = uri[len("runs:/") :].partition("/")
    info = client.get_run(run_id).info
    model = separate_model(open_backend(client.tracking_uri).store, info, path)
    if model is not None:
        return client.create_model_version(name, model.model_uri, run_id, tags, model_id=model.model_id)
    return client.create_model_version(name, f"{info.artifact_uri}/{path}", run_id, tags)


def search_registered_models(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[Any]:
    """All registered models that match, or the first ``max_results``."""
    client = MlyardClient()
    return all_pages(
        lambda size, token: client.search_registered_models(filter_string, size, order_by, token), max_results
    )


def search_model_versions(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[ModelVersion]:
    """All model versions that match, or the first ``max_results``."""
    client = MlyardClient()
    return all_pages(
        lambda size, token: client.search_model_versions(filter_string, size, order_by, token), max_results
    )
