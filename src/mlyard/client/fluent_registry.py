"""The fluent functions about registered models and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlyard.artifacts.factory import local_folder
from mlyard.artifacts.paths import check_file_path
from mlyard.client.backends import open_backend
from mlyard.client.client import MlyardClient
from mlyard.client.model_versions import create_with_model
from mlyard.client.pages import all_pages
from mlyard.client.tracking import get_registry_uri
from mlyard.client.uris import version_of
from mlyard.core.errors import DoesNotExist
from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.uris import ModelUri, is_model_uri, is_run_uri, join, parse_model_uri, parse_run_uri, path_below
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
        DoesNotExist: There is nothing at the URI. The name is then not created.
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
    return create_with_model(client, name, tags=tags, **_origin(client, model_uri))


def _origin(client: MlyardClient, uri: str) -> dict[str, Any]:
    """What create_model_version needs to know about a URI. Raises DoesNotExist if there is nothing at it."""
    if is_model_uri(uri):
        return _origin_of_model(client, uri)
    if not is_run_uri(uri):
        return {"source": uri}
    found = parse_run_uri(uri)
    info = client.get_run(found.run_id).info
    model = model_of_run(open_backend(client.tracking_uri).store, info, check_file_path(found.path))
    if model is not None and path_below(model.artifact_uri, info.artifact_uri) is None:
        return {"source": model.model_uri, "run_id": found.run_id, "model_id": model.model_id}
    if not client.list_artifacts(found.run_id, found.path):
        raise DoesNotExist(f"There is nothing to register at {uri!r}.")
    return {"run_id": found.run_id, **_origin_in_run(client, uri, join(info.artifact_uri, found.path), model)}


def _origin_in_run(client: MlyardClient, uri: str, location: str, model: LoggedModel | None) -> dict[str, Any]:
    # A server takes local paths of its own runs only.
    is_apart = client.tracking_uri != get_registry_uri() and local_folder(location) is not None
    is_model = model is not None and model.artifact_uri == location
    return {"source": uri if is_apart else location, "model_id": model.model_id if model and is_model else None}


def _origin_of_model(client: MlyardClient, uri: str) -> dict[str, Any]:
    model_id = parse_model_uri(uri).model_id
    if model_id:
        client.get_logged_model(model_id)
        return {"source": uri, "model_id": model_id}
    name, version = version_of(uri, open_backend(get_registry_uri()))
    client.get_model_version(name, version)
    return {"source": str(ModelUri(name=name, version=version))}


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
