"""A registry apart from the tracking server, run by an MLflow client: python apart.py <tracking URI> <registry URI>."""

from __future__ import annotations

import sys
import tempfile
import uuid
from pathlib import Path

import mlflow
from mlflow.tracking import MlflowClient

MLMODEL = "artifact_path: {path}\nrun_id: {run}\nflavors:\n  python_function:\n    loader_module: mlflow.pyfunc\n"


def _content(uri: str) -> str:
    """What is in the MLmodel file of a model."""
    folder = mlflow.artifacts.download_artifacts(uri, dst_path=tempfile.mkdtemp())
    return (Path(folder) / "MLmodel").read_text(encoding="utf-8")


def main(tracking: str, registry: str) -> None:
    """Register a run's model in the other server, and fetch it in every way."""
    mlflow.set_tracking_uri(tracking)
    mlflow.set_registry_uri(registry)
    client, name = MlflowClient(tracking, registry), f"Apart-{uuid.uuid4().hex}"
    with mlflow.start_run() as run:
        run_id = run.info.run_id
        text = MLMODEL.format(path="model", run=run_id)
        mlflow.log_text(text, "model/MLmodel")
    first = mlflow.register_model(f"runs:/{run_id}/model", name)
    second = client.create_model_version(name, f"runs:/{run_id}/model", run_id)
    assert [str(first.version), str(second.version)] == ["1", "2"]
    client.transition_model_version_stage(name, "1", "Production")
    uris = [f"models:/{name}/{version}" for version in ("1", "2", "Production")]
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias(name, "best", "2")
        uris.append(f"models:/{name}@best")
    for uri in uris:
        assert _content(uri) == text, uri
    assert client.get_model_version(name, "1").run_id == run_id
    found = client.search_model_versions(f"run_id = '{run_id}'")
    assert sorted(str(version.version) for version in found) == ["1", "2"]
    assert [model.name for model in client.search_registered_models(f"name = '{name}'")] == [name]
    if hasattr(client, "create_logged_model"):
        _logged_model(client, name)


def _logged_model(client: MlflowClient, name: str) -> None:
    """The same for a logged model of MLflow 3."""
    model = client.create_logged_model("0", name="line")
    path = Path(tempfile.mkdtemp()) / "MLmodel"
    path.write_text("logged", encoding="utf-8")
    client.log_model_artifact(model.model_id, str(path))
    client.finalize_logged_model(model.model_id, "READY")
    version = mlflow.register_model(f"models:/{model.model_id}", name)
    assert _content(f"models:/{name}/{version.version}") == "logged"
    assert f'"name": "{name}"' in client.get_logged_model(model.model_id).tags["mlflow.modelVersions"]


if __name__ == "__main__":
    main(*sys.argv[1:])
    print("all is well")
