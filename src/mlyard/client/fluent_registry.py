"""The fluent functions about registered models and their versions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.artifacts.factory import local_folder
from mlyard.client.backends import open_backend
from mlyard.client.client import MlyardClient
from mlyard.client.pages import all_pages
from mlyard.client.tracking import get_registry_uri
from mlyard.core.errors import AlreadyExists
from mlyard.domain.model_versions import ModelVersion
from mlyard.services.model_sources import model_of_run


def register_model(
    model_uri: str, name: str, await_registration_for: float | None = None, tags: Mapping[str, Any] | None = None
) -> ModelVersion:
    """Register a model as the next version of a name, which is created if it does not exist.

    Args:
        model_uri: Where the model is: ``runs:/<run id>/<path>``, ``models:/m-<id>``, ``models:/<name>/<version>``, or
            the URI of a folder.
        name: Name of the registered model; without ``/`` and ``:``, at most 256 characters.
        await_registration_for: Has no effect: a version is ready at once. MLflow has it. Default: None.
        tags: Tags of the version; values are stored as text. Default: none.

    Returns:
        The new version.

    Raises:
        DoesNotExist: The URI names a run, logged model or version that does not exist.
        InvalidParameter: The URI, the name or a tag is not valid.

    Example:
        >>> import mlyard
        >>> from sklearn.linear_model import LinearRegression
        >>> line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> with mlyard.start_run():
        ...     info = mlyard.sklearn.log_model(line, name="line")
        >>> mlyard.register_model(info.model_uri, "Line").version
        '1'
    """
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
    location = f"{info.artifact_uri}/{path}"
    model = model_of_run(open_backend(client.tracking_uri).store, info, path)
    if model is not None and not model.artifact_uri.startswith(f"{info.artifact_uri}/"):
        return client.create_model_version(name, model.model_uri, run_id, tags, model_id=model.model_id)
    model_id = model.model_id if model is not None and model.artifact_uri == location else None
    # A server takes local paths of its own runs only.
    apart = client.tracking_uri != get_registry_uri() and local_folder(location) is not None
    return client.create_model_version(name, uri if apart else location, run_id, tags, model_id=model_id)


def search_registered_models(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | str | None = None
) -> list[Any]:
    """Find registered models; results of several pages are joined.

    Args:
        max_results: The most models to return. Default: all.
        filter_string: Condition such as ``"name LIKE 'Li%' AND tags.team = 'energy'"``. Default: no condition.
        order_by: What to sort by, such as ``["last_updated_timestamp DESC"]``. Default: by name.

    Returns:
        The registered models.

    Raises:
        InvalidParameter: The filter or the order is not valid.

    Example:
        >>> import mlyard
        >>> _ = mlyard.MlyardClient().create_registered_model("Line")
        >>> [model.name for model in mlyard.search_registered_models()]
        ['Line']
    """
    client = MlyardClient()
    return all_pages(
        lambda size, token: client.search_registered_models(filter_string, size, order_by, token), max_results
    )


def search_model_versions(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | str | None = None
) -> list[ModelVersion]:
    """Find versions of registered models; results of several pages are joined.

    Args:
        max_results: The most versions to return. Default: all.
        filter_string: Condition such as ``"name = 'Line' AND run_id = '…'"``. Default: no condition.
        order_by: What to sort by, such as ``["version_number DESC"]``. Default: last updated first.

    Returns:
        The versions.

    Raises:
        InvalidParameter: The filter or the order is not valid.

    Example:
        >>> import mlyard
        >>> client = mlyard.MlyardClient()
        >>> _ = client.create_registered_model("Line")
        >>> _ = client.create_model_version("Line", "s3://models/line")
        >>> [version.version for version in mlyard.search_model_versions(filter_string="name = 'Line'")]
        ['1']
    """
    client = MlyardClient()
    return all_pages(
        lambda size, token: client.search_model_versions(filter_string, size, order_by, token), max_results
    )
