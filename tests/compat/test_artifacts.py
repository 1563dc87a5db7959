"""Unmodified MLflow clients carry files: through our server, in parts beside it, and straight to S3."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path

import pytest

from mlyard import MlyardClient
from mlyard.artifacts.factory import artifact_store
from tests.conftest import ROOT, START_SECONDS, LiveServer, await_answer, clean_environment, end, free_port
from tests.s3 import BUCKET, S3Server

TRIP = Path(__file__).parent / "artifacts_trip.py"
SIZE = 24_000_000
PARTS = {
    "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
    "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "10000000",
    "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": "6000000",
    "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "true",
    "MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE": "10000000",
    "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": "6000000",
}
VERSIONS = ("2.22.5", "3.17.2")


def trip(version: str, folder: Path, uri: str, location: str = "", **environment: str) -> str:
    """The id of the run that a real client made."""
    done = subprocess.run(
        [ROOT / f".cache/mlflow-{version}/bin/python", TRIP, uri, location, str(SIZE)],
        cwd=folder,
        env=clean_environment(
            DO_NOT_TRACK="true",
            MLFLOW_DISABLE_TELEMETRY="true",
            MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
            PYTHONWARNINGS="ignore",
            TMPDIR=str(folder),
            **environment,
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * START_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    return done.stdout.split()[-1]


@pytest.mark.parametrize("version", VERSIONS)
def test_through_the_server_to_a_folder(server: LiveServer, tmp_path: Path, version: str) -> None:
    trip(version, tmp_path, server.url)
    # Asked for parts, a server that keeps files in a folder takes them whole.
    trip(version, tmp_path, server.url, **PARTS)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("in_parts", [False, True])
def test_through_the_server_to_s3(
    s3_backed_server: LiveServer, s3: S3Server, tmp_path: Path, version: str, in_parts: bool
) -> None:
    run_id = trip(version, tmp_path, s3_backed_server.url, **(PARTS if in_parts else {}))
    found = [key for key in s3.objects("proxied/") if f"/{run_id}/artifacts/deep/er/large.bin" in key]
    assert len(found) == 1
    head = s3.client().head_object(Bucket=BUCKET, Key=found[0], PartNumber=1)
    assert head["ContentLength"] == (6_000_000 if in_parts else head["ContentLength"])
    assert [key for key in s3.uploads() if run_id in key] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_straight_to_s3(
    server: LiveServer, s3: S3Server, tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = f"s3://{BUCKET}/{uuid.uuid4().hex}"
    run_id = trip(version, tmp_path, server.url, location, **s3.environment)
    for variable, value in s3.environment.items():
        monkeypatch.setenv(variable, value)
    ours = artifact_store(f"{location}/{run_id}/artifacts", None)
    assert [(f.path, f.file_size) for f in ours.list("deep/er")] == [("deep/er/large.bin", SIZE)]


def test_our_client_sends_files_to_mlflows_server(tmp_path: Path) -> None:
    """It knows neither parts nor bundles: files go one by one, whole."""
    port, source = free_port(), tmp_path / "source"
    source.mkdir()
    for number in range(40):
        (source / f"{number}.txt").write_text(str(number))
    (source / "large.bin").write_bytes(os.urandom(20_000_000))
    options = ["--backend-store-uri", f"sqlite:///{tmp_path / 'mlflow.db'}", "--host", "127.0.0.1", "--port", str(port)]
    command = [ROOT / ".cache/mlflow-3.17.2/bin/mlflow", "server", *options, "--workers", "1"]
    environment = clean_environment(MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false")  # eight more processes
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        await_answer(process, f"http://127.0.0.1:{port}")
        client = MlyardClient(f"http://127.0.0.1:{port}")
        run_id = client.create_run("0").info.run_id
        client.log_artifacts(run_id, source, "files")
        back = Path(client.download_artifacts(run_id, "files", tmp_path / "back"))
    finally:
        end(process)
    assert {f.name: f.read_bytes() for f in back.iterdir()} == {f.name: f.read_bytes() for f in source.iterdir()}
