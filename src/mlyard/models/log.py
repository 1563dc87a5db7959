"""Logs a model: its files as artifacts of a run, and a logged model that refers to them (ADR 0008)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from mlyard.client.client import MlyardClient
from mlyard.client.context import context_tags
from mlyard.client.fluent import active_run, register_model, start_run
from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.runs import ModelOutput
from mlyard.domain.uris import can_join
from mlyard.models.format.flavor import WriteFlavor
from mlyard.models.format.metadata import MLmodel
from mlyard.models.format.options import LogOptions, check_names, split_options
from mlyard.models.format.requirements import check_requirements
from mlyard.models.info import ModelInfo, info_of
from mlyard.models.save import save

Prepare = Callable[[Path, MLmodel], MLmodel]
"""Writes a model's folder, which does not exist yet, and returns the MLmodel as written."""


def log(artifact_path: str | None, write: WriteFlavor, options: LogOptions, run_id: str | None = None) -> ModelInfo:
    """Save a model and log it to the run ``run_id``; by default to the active run, or to a new one.

    Raises the errors of ``save``, and then marks the logged model as failed.
    """
    check_names(options, logging=True)
    logging, saving = split_options(options)
    check_requirements(saving)
    given = saving.get("mlyard_model") or saving.get("mlflow_model")

    def prepare(folder: Path, model: MLmodel) -> MLmodel:
        saving["mlyard_model"] = model
        return save(folder, write, saving)

    return log_prepared(artifact_path, prepare, logging, run_id, given)


def log_prepared(
    artifact_path: str | None,
    prepare: Prepare,
    options: LogOptions,
    run_id: str | None = None,
    model: MLmodel | None = None,
) -> ModelInfo:
    """Log the folder that ``prepare`` writes. Only the options about logging are used."""
    client = MlyardClient()
    run_id = run_id or _run_of(options)
    logged = _logged_model(client, options.get("name") or artifact_path or "model", options, run_id)
    model = model or MLmodel()
    model.artifact_path, model.run_id = logged.artifact_uri, logged.source_run_id or run_id
    model.model_id = model.model_uuid = logged.model_id
    model = _upload(client, logged, prepare, model)
    if run_id:
        client.log_outputs(run_id, [ModelOutput(model_id=logged.model_id, step=int(options.get("step") or 0))])
    registered = options.get("registered_model_name")
    version = register_model(logged.model_uri, registered).version if registered else None
    return info_of(model, logged.model_uri, version, client.get_logged_model(logged.model_id))


def _run_of(options: LogOptions) -> str | None:
    """The ID of the active run, or of a new one. None if ``model_id`` is given and no run is active."""
    run = active_run() or (None if options.get("model_id") else start_run())
    return run.info.run_id if run else None


def _logged_model(client: MlyardClient, name: str, options: LogOptions, run_id: str | None) -> LoggedModel:
    model_id = options.get("model_id")
    if model_id:
        return client.get_logged_model(model_id)
    assert run_id is not None
    run = client.get_run(run_id)
    # Artifacts that already exist under this name belong to another model, so the new one gets its own folder.
    # So does one whose name cannot be part of the URI.
    has_place = can_join(run.info.artifact_uri, name) and not client.list_artifacts(run_id, name)
    return client.create_logged_model(
        run.info.experiment_id,
        name,
        source_run_id=run_id,
        params={**run.data.params, **(options.get("params") or {})},
        tags={**context_tags(), **(options.get("tags") or {})},
        model_type=options.get("model_type"),
        artifact_path=name if has_place else None,
    )


def _upload(client: MlyardClient, logged: LoggedModel, prepare: Prepare, model: MLmodel) -> MLmodel:
    status = "UPLOAD_FAILED"
    try:
        with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
            folder = Path(temporary, "model")
            model = prepare(folder, model)
            client.upload_model(logged, folder)
        status = "READY"
    finally:
        client.finalize_logged_model(logged.model_id, status)
    return model
