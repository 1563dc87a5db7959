"""The tutorial's set-up: runs straight in PostgreSQL, artifacts straight in a bucket, the UI over both."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import LiveServer, clean_environment, fetch
from tests.postgres import Cluster
from tests.s3 import KEYS, S3Server

TUTORIAL = """
import os
os.environ['MLFLOW_TRACKING_URI'] = {database!r}
os.environ['MLFLOW_S3_ENDPOINT_URL'] = {endpoint!r}
os.environ['AWS_ACCESS_KEY_ID'] = 'minioadmin'
os.environ['AWS_SECRET_ACCESS_KEY'] = 'minioadmin'
import mlyard as mlflow
mlflow.create_experiment('exp', artifact_location='s3://mlflow')
mlflow.set_experiment('exp')
with mlflow.start_run() as run:
    with open('notes.txt', 'w') as f:
        f.write('as in the tutorial')
    mlflow.log_artifact('notes.txt')
    mlflow.log_artifact('notes.txt', 'folder')
    from sklearn.linear_model import ElasticNet
    mlflow.sklearn.log_model(ElasticNet().fit([[0.0], [1.0]], [0.0, 1.0]), 'model')
assert mlflow.get_run(run.info.run_id).info.artifact_uri == f's3://mlflow/{{run.info.run_id}}/artifacts'
model = mlflow.sklearn.load_model(f's3://mlflow/{{run.info.run_id}}/artifacts/model')
assert type(model) is ElasticNet
print(run.info.run_id)
"""


@pytest.fixture
def database(postgres: Cluster) -> str:
    return postgres.new_database().replace("postgresql://", "postgresql+psycopg2://")


def test_the_tutorials_storage(
    database: str, s3: S3Server, tmp_path: Path, start_server: Callable[..., LiveServer]
) -> None:
    script = TUTORIAL.format(database=database, endpoint=s3.url)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    run_id = done.stdout.split()[-1]
    found = s3.objects(f"{run_id}/artifacts/")
    assert {f"{run_id}/artifacts/{name}" for name in ("notes.txt", "folder/notes.txt", "model/MLmodel")} <= set(found)
    assert not (tmp_path / "mlartifacts").exists()

    ui = start_server("--backend-store-uri", database, MLFLOW_S3_ENDPOINT_URL=s3.url, **KEYS)
    status, listed = ui.call("GET", f"artifacts/list?run_id={run_id}")
    assert status == 200
    assert [f["path"] for f in listed["files"]] == ["folder", "model", "notes.txt"]  # type: ignore[index,attr-defined]
    shown = ui.get(f"/get-artifact?run_id={run_id}&path=folder/notes.txt")
    assert (shown.status, shown.data) == (200, b"as in the tutorial")
    assert shown.headers["Content-Disposition"].startswith("attachment")


def test_signed_addresses(s3_backed_server: LiveServer, s3: S3Server) -> None:
    call = s3_backed_server.call
    run_id = call("POST", "runs/create", {"experiment_id": "0"})[1]["run"]["info"]["run_id"]  # type: ignore[index]
    asked = {"run_id": run_id, "path": "deep/a b.txt"}
    _, up = call("POST", "artifacts/presigned-upload-url", asked)
    assert fetch("PUT", str(up["presigned_url"]), body=b"signed").status == 200
    status, down = call("POST", "artifacts/presigned-download-url", {**asked, "expiration": 60})
    assert (status, down["file_size"]) == (200, 6)
    assert fetch("GET", str(down["presigned_url"])).data == b"signed"
    assert "X-Amz-Expires=60" in str(down["presigned_url"])
    assert call("POST", "artifacts/presigned-download-url", {**asked, "path": "none"})[0] == 404
    assert call("POST", "artifacts/presigned-download-url", {**asked, "path": "../x"})[0] == 400
    assert call("POST", "artifacts/presigned-download-url", {**asked, "expiration": -1})[0] == 400


def test_a_server_of_artifacts_alone(start_server: Callable[..., LiveServer]) -> None:
    live = start_server("--artifacts-only")
    path = "/api/2.0/mlflow-artifacts/artifacts/a.txt"
    assert fetch("PUT", f"{live.url}{path}", body=b"1").status == 200
    assert live.get(path).data == b"1"
    status, answer = live.call("POST", "runs/search", {"experiment_ids": ["0"]})
    assert (status, answer["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert "--artifacts-only" in str(answer["message"])
    assert live.get("/").status == 404


def test_a_server_without_artifacts(start_server: Callable[..., LiveServer], tmp_path: Path) -> None:
    live = start_server("--no-serve-artifacts")
    refused = live.get("/api/2.0/mlflow-artifacts/artifacts/a.txt")
    assert refused.status == 404
    assert b"--no-serve-artifacts" in refused.data
    _, answer = live.call("POST", "runs/create", {"experiment_id": "0"})
    uri = answer["run"]["info"]["artifact_uri"]  # type: ignore[index]
    assert str(uri).startswith(str(tmp_path / "mlartifacts"))
