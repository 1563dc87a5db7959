"""Saving a model's folder, and logging it to a run: the part that all flavors share."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mlyard.client.backends import open_backend
from mlyard.client.client import MlyardClient
from mlyard.client.fluent import active_run, register_model, start_run
from mlyard.client.tracking import get_registry_uri, get_tracking_uri
from mlyard.client.uris import download
from mlyard.core.errors import InvalidParameter
from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.runs import ModelOutput
from mlyard.models.mlmodel import MLmodel, now_text, read_mlmodel
from mlyard.models.requirements import pinned, save_requirements
from mlyard.models.signature import ModelSignature


class ModelOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a user may say about a model, whatever its flavor."""

    signature: ModelSignature | None = None
    input_example: Any = None
    pip_requirements: Sequence[str] | None = None
    metadata: Mapping[str, Any] | None = None


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A saved or logged model."""

    model_uri: str
    artifact_path: str | None
    flavors: dict[str, dict[str, Any]]
    run_id: str | None = None
    model_id: str | None = None
    signature: ModelSignature | None = None
    metadata: dict[str, Any] | None = None
    registered_model_version: str | None = None
    utc_time_created: str | None = None


class Flavored(msgspec.Struct, frozen=True, kw_only=True):
    """What a flavor wrote into a model's folder: its own entry, its python_function entry, its libraries."""

    name: str
    entry: dict[str, Any]
    python_function: dict[str, Any]
    distributions: tuple[str, ...]


WriteFlavor = Callable[[Path], Flavored]


def save(folder: Path, write: WriteFlavor, options: ModelOptions, origin: MLmodel | None = None) -> MLmodel:
    """Write a model's folder, which must be new or empty. Raises InvalidParameter."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidParameter(f"Path '{folder}' already exists and is not empty")
    flavored = write(folder)
    model = origin or MLmodel()
    if options.input_example is not None:
        from mlyard.models.example import save_example

        model.saved_input_example_info = save_example(options.input_example, folder)
    env = save_requirements(folder, options.pip_requirements or pinned(flavored.distributions))
    runtime = {"python_version": platform.python_version(), "env": env}
    model.flavors = {"python_function": {**flavored.python_function, **runtime}, flavored.name: flavored.entry}
    model.signature = options.signature.to_dict() if options.signature else None
    model.metadata = dict(options.metadata) if options.metadata else None
    model.utc_time_created = now_text()
    model.model_size_bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    model.save(folder)
    return model


def log(name: str, write: WriteFlavor, options: ModelOptions, registered_model_name: str | None = None) -> ModelInfo:
    """Save a model and log it to the active run: among its artifacts and as a logged model."""
    run = active_run() or start_run()
    client = MlyardClient()
    run_id = run.info.run_id
    logged = client.create_logged_model(
        run.info.experiment_id,
        name,
        source_run_id=run_id,
        params=client.get_run(run_id).data.params,
        artifact_path=name,
    )
    model = _save_and_upload(client, logged, write, options)
    client.log_outputs(run_id, [ModelOutput(model_id=logged.model_id, step=0)])
    version = register_model(logged.model_uri, registered_model_name).version if registered_model_name else None
    return _info(model, logged.model_uri, version)


def _save_and_upload(client: MlyardClient, logged: LoggedModel, write: WriteFlavor, options: ModelOptions) -> MLmodel:
    origin = MLmodel(
        artifact_path=logged.artifact_uri,
        run_id=logged.source_run_id,
        model_id=logged.model_id,
        model_uuid=logged.model_id,
    )
    status = "UPLOAD_FAILED"
    try:
        with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
            folder = Path(temporary, "model")
            model = save(folder, write, options, origin)
            client.upload_model(logged, folder)
        status = "READY"
    finally:
        client.finalize_logged_model(logged.model_id, status)
    return model


def fetch(model_uri: str, dst_path: str | None = None) -> Path:
    """A model's folder on this machine. Raises DoesNotExist, InvalidParameter."""
    destination = Path(dst_path) if dst_path else None
    return download(str(model_uri), open_backend(get_tracking_uri()), open_backend(get_registry_uri()), destination)


def get_model_info(model_uri: str) -> ModelInfo:
    """What a model's MLmodel file says."""
    return _info(read_mlmodel(fetch(model_uri)), str(model_uri), None)


def _info(model: MLmodel, uri: str, version: str | None) -> ModelInfo:
    return ModelInfo(
        model_uri=uri,
        artifact_path=model.artifact_path,
        flavors=model.flavors,
        run_id=model.run_id,
        model_id=model.model_id,
        signature=model.get_signature(),
        metadata=model.metadata,
        registered_model_version=version,
        utc_time_created=model.utc_time_created,
    )
