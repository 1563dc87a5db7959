"""Describes a model without loading it: its MLmodel file, and which of its files run code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.metrics import Metric
from mlyard.models.format import integrity, safety
from mlyard.models.format.flavor import Executable
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.metadata import MLmodel, read_mlmodel
from mlyard.models.load import fetch
from mlyard.models.signature import ModelSignature

__all__ = ["ModelInfo", "get_model_info", "inspect_model"]


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A saved or logged model, as ``log_model`` and ``get_model_info`` return it.

    A field is None if the model does not have it.

    Args:
        model_uri: The URI of the model, which loads it again.
        artifact_path: The URI or path where the model was logged.
        flavors: The entries of the MLmodel file by flavor.
        run_id: The run that logged the model. Default: None.
        model_id: The ID of the logged model. Default: None.
        model_uuid: The unique ID of the saved model. Default: None.
        signature: The schemas of inputs, outputs and params. Default: None.
        saved_input_example_info: The entry of the input example in the MLmodel file. Default: None.
        metadata: Metadata that the user saved with the model. Default: None.
        mlflow_version: The version of MLflow whose format the model has. Default: None.
        env_vars: Names of environment variables that the model needs. Default: None.
        prompts: URIs of the prompts that the model uses. Default: None.
        registered_model_version: The version that was registered when the model was logged. Default: None.
        utc_time_created: The time of saving, as ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC. Default: None.
        name: The name of the logged model. Default: None.
        creation_timestamp: The creation time of the logged model, in milliseconds since the epoch. Default: None.
        params: The params of the logged model. Default: None.
        tags: The tags of the logged model. Default: None.
        metrics: The metrics of the logged model. Default: None.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> with mlyard.start_run() as run:
        ...     info = mlyard.sklearn.log_model(model, name="line", registered_model_name="Line")
        >>> info.name, info.registered_model_version, info.run_id == run.info.run_id
        ('line', 1, True)
    """

    model_uri: str
    artifact_path: str | None
    flavors: dict[str, dict[str, Any]]
    run_id: str | None = None
    model_id: str | None = None
    model_uuid: str | None = None
    signature: ModelSignature | None = None
    saved_input_example_info: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    mlflow_version: str | None = None
    env_vars: list[str] | None = None
    prompts: list[str] | None = None
    registered_model_version: int | None = None
    utc_time_created: str | None = None
    name: str | None = None
    creation_timestamp: int | None = None
    params: dict[str, str] | None = None
    tags: dict[str, str] | None = None
    metrics: tuple[Metric, ...] | None = None


def info_of(model: MLmodel, uri: str, version: str | None = None, logged: LoggedModel | None = None) -> ModelInfo:
    """Build the info from an MLmodel, and from its logged model if there is one."""
    more: dict[str, Any] = {}
    if logged is not None:
        more = {key: getattr(logged, key) for key in ("name", "creation_timestamp", "params", "tags", "metrics")}
    return ModelInfo(
        model_uri=uri,
        artifact_path=model.artifact_path,
        flavors=model.flavors,
        run_id=model.run_id,
        model_id=model.model_id,
        model_uuid=model.model_uuid,
        signature=model.signature,
        saved_input_example_info=model.saved_input_example_info,
        metadata=model.metadata,
        mlflow_version=model.mlflow_version,
        env_vars=model.env_vars,
        prompts=model.prompts,
        registered_model_version=int(version) if version else None,
        utc_time_created=model.utc_time_created,
        **more,
    )


def get_model_info(model_uri: str | Path) -> ModelInfo:
    """Read the description of a model without loading the model.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.

    Returns:
        The content of the MLmodel file. Fields of the logged model (from ``name`` on) are None.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI or the MLmodel file is invalid.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "described")
        >>> sorted(mlyard.models.get_model_info("described").flavors)
        ['python_function', 'sklearn']
    """
    return info_of(read_mlmodel(fetch(model_uri)), str(model_uri))


def inspect_model(model_uri: str | Path) -> list[Executable]:
    """Find the files of a model that run code when it is loaded, without loading any of them.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.

    Returns:
        One entry per file, with its path (``file``) and the reason (``why``). Empty if loading runs no code.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI or a file of the model is invalid.
        DataLoss: A file has changed since it was logged.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "pickled", serialization_format="pickle")
        >>> [(found.file, found.why) for found in mlyard.models.inspect_model("pickled")]
        [('model.pkl', 'a pickle')]
    """
    folder = ModelFolder(fetch(model_uri))
    integrity.check(folder.path)
    return safety.executables(folder)
