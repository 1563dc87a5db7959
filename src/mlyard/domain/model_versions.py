"""Versions of registered models."""

from __future__ import annotations

from collections.abc import Iterable

from mlyard.core.errors import DoesNotExist
from mlyard.domain.entity import Entity

NO_STAGE, ARCHIVED = "None", "Archived"
READY = "READY"


class ModelVersion(Entity, frozen=True):
    """A version of a registered model.

    Args:
        name: The name of the registered model.
        version: The number of the version as text. The first version is ``"1"``.
        creation_timestamp: Milliseconds since the epoch.
        last_updated_timestamp: Milliseconds since the epoch.
        description: Text shown on the page of the version. Default: ``""``.
        user_id: The user who registered it. ``""`` if it is not known. Default: ``""``.
        current_stage: ``"None"``, ``"Staging"``, ``"Production"`` or ``"Archived"``. Default: ``"None"``.
        source: The URI of the model's files, as it was registered. Default: ``""``.
        run_id: The run that produced the model. ``""`` if it is not known. Default: ``""``.
        status: ``"READY"``. Other servers may also answer ``"PENDING_REGISTRATION"`` or ``"FAILED_REGISTRATION"``.
            Default: ``"READY"``.
        status_message: Why the registration is pending or has failed. None if it is ready. Default: None.
        tags: The tags by key. Default: none.
        run_link: The address of that run's page, if the run is in another store. Default: ``""``.
        aliases: The aliases that point at this version. Default: none.
        model_id: The logged model that was registered. None if it is not a logged model. Default: None.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> info = mlyard.sklearn.log_model(model, name="line", registered_model_name="Line")
        >>> version = mlyard.MlyardClient().get_model_version("Line", "1")
        >>> version.version, version.current_stage, version.model_id == info.model_id
        ('1', 'None', True)
    """

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    user_id: str = ""
    current_stage: str = NO_STAGE
    source: str = ""
    run_id: str = ""
    status: str = READY
    status_message: str | None = None
    tags: dict[str, str] = {}
    run_link: str = ""
    aliases: tuple[str, ...] = ()
    model_id: str | None = None


def newest_of(name: str, versions: Iterable[ModelVersion]) -> ModelVersion:
    """The version of a registered model that the alias ``latest`` stands for. Raises DoesNotExist."""
    newest = max(versions, key=lambda version: int(version.version), default=None)
    if newest is None:
        raise DoesNotExist(f"Latest version not found for model {name}.")
    return newest


class NewModelVersion(Entity, frozen=True, kw_only=True):
    """A model version to be registered. ``source`` is the URI of the model's files as given by the caller.

    ``storage_location`` is where the files actually are; '' if that is the source itself.
    """

    name: str
    source: str
    run_id: str = ""
    run_link: str = ""
    model_id: str | None = None
    description: str = ""
    tags: dict[str, str] = {}
    storage_location: str = ""
    request_id: str | None = None
