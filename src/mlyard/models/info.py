"""What is told of a model without loading it: its MLmodel file, and which of its files run code."""

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
    """A saved or logged model; from ``name`` on: of a logged one. Times in ms."""

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
    """From an MLmodel, and from its logged model where there is one."""
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
    """What a model's MLmodel file says. Nothing of the model is loaded."""
    return info_of(read_mlmodel(fetch(model_uri)), str(model_uri))


def inspect_model(model_uri: str | Path) -> list[Executable]:
    """The files of a model that run code when it is loaded, and why; an empty list: none does.

    Raises DoesNotExist, InvalidParameter, and DataLoss when the files are not those that were logged.
    """
    folder = ModelFolder(fetch(model_uri))
    integrity.check(folder.path)
    return safety.executables(folder)
