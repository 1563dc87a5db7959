"""The root of new experiments: this server's own proxy by its address, or another server of artifacts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import mlyard
from mlyard import MlyardClient
from mlyard.core.errors import DoesNotExist, MlyardError
from tests.conftest import START_SECONDS, LiveServer, clean_environment, fetch, running
from tests.ports import free_port

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MLFLOW = """
import sys
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
client.log_text(sys.argv[2], "mlflow's", "notes/theirs.txt")
print(sorted(file.path for file in client.list_artifacts(sys.argv[2], "notes")))
print(mlflow.artifacts.load_text(f"runs:/{sys.argv[2]}/notes/ours.txt"))
"""


@pytest.fixture(params=["http", "mlflow-artifacts", "other http", "other mlflow-artifacts"])
def rooted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """A server whose root of new experiments is an address: its own, or that of a server of artifacts alone."""
    other, port = free_port(), free_port()
    is_other = request.param.startswith("other")
    server = f"127.0.0.1:{other}" if is_other else f"localhost:{port}"
    scheme = request.param.rpartition(" ")[2]
    root = f"{scheme}://{server}{PROXY if scheme == 'http' else ''}/below"
    (tmp_path / "other").mkdir()
    with ExitStack() as servers:
        if is_other:
            servers.enter_context(running(["server", "--artifacts-only"], tmp_path / "other", other))
        mode = "--no-serve-artifacts" if is_other else "--serve-artifacts"
        yield servers.enter_context(running(["server", mode, "--default-artifact-root", root], tmp_path, port))


def test_artifacts_are_found_there(rooted: LiveServer, mlflow_python: str, tmp_path: Path) -> None:
    mlyard.set_tracking_uri(rooted.url)
    with mlyard.start_run() as run:
        mlyard.log_text("ours", "notes/ours.txt")
    run_id = run.info.run_id
    assert MlyardClient().list_artifacts(run_id, "notes")[0].path == "notes/ours.txt"
    assert mlyard.artifacts.load_text(f"runs:/{run_id}/notes/ours.txt") == "ours"
    status, listed = rooted.call("GET", f"artifacts/list?run_id={run_id}&path=notes")
    assert (status, [file["path"] for file in listed["files"]]) == (200, ["notes/ours.txt"])  # type: ignore[attr-defined]
    got = rooted.get(f"/get-artifact?run_id={run_id}&path=notes/ours.txt")
    assert (got.status, got.data) == (200, b"ours")
    done = subprocess.run(
        [mlflow_python, "-W", "ignore", "-c", MLFLOW, rooted.url, run_id],
        cwd=tmp_path,
        env=clean_environment(DO_NOT_TRACK="true", MLFLOW_DISABLE_TELEMETRY="true"),
        capture_output=True, text=True, check=False, timeout=10 * START_SECONDS,
    )  # fmt: skip
    assert done.stdout.split("\n")[:2] == ["['notes/ours.txt', 'notes/theirs.txt']", "ours"], done.stderr[-2000:]


@pytest.fixture(params=["a path", "a URI", "a relative path", "a link"])
def beside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveServer]:
    """A server whose root of new experiments is a folder, which clients reach by themselves."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    place = tmp_path / ("link" if request.param == "a link" else "real")
    root = {"a URI": place.as_uri(), "a relative path": "real"}.get(request.param, str(place))
    with running(["server", "--default-artifact-root", root], tmp_path, free_port()) as live:
        yield live


def test_artifacts_in_the_folder_that_the_operator_names_are_read(beside: LiveServer, tmp_path: Path) -> None:
    mlyard.set_tracking_uri(beside.url)
    with mlyard.start_run() as run:
        mlyard.log_text("ours", "notes/ours.txt")
        mlyard.log_text("model", "model/MLmodel")
    model = mlyard.register_model(f"runs:/{run.info.run_id}/model", "M")
    assert list((tmp_path / "real").rglob("ours.txt"))
    status, listed = beside.call("GET", f"artifacts/list?run_id={run.info.run_id}&path=notes/")
    assert (status, [file["path"] for file in listed["files"]]) == (200, ["notes/ours.txt"])  # type: ignore[attr-defined]
    got = beside.get(f"/get-artifact?run_id={run.info.run_id}&path=notes/ours.txt")
    assert (got.status, got.data) == (200, b"ours")
    of_version = beside.get(f"/model-versions/get-artifact?name=M&version={model.version}&path=MLmodel")
    assert (of_version.status, of_version.data) == (200, b"model")


def test_other_folders_are_not_read_and_nothing_is_written_there(beside: LiveServer, tmp_path: Path) -> None:
    mlyard.set_tracking_uri(beside.url)
    (tmp_path / "real-too").mkdir()
    for place in (tmp_path, tmp_path / "real-too", f"{tmp_path}/real/../real-too"):
        try:
            experiment = mlyard.create_experiment(str(place), str(place))
        except MlyardError:
            continue
        run_id = MlyardClient().create_run(experiment).info.run_id
        assert beside.call("GET", f"artifacts/list?run_id={run_id}")[0] == 400, place
    run_id = MlyardClient().create_run("0").info.run_id
    address = f"{beside.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run_id}&path=a.txt"
    assert fetch("POST", address, body=b"x").status == 400
    assert not list((tmp_path / "real").rglob("a.txt"))


def test_a_server_reads_no_address_that_its_operator_does_not_name(rooted: LiveServer) -> None:
    mlyard.set_tracking_uri(rooted.url)
    for location in ("http://127.0.0.1:9/x", f"http://127.0.0.1:9{PROXY}", "mlflow-artifacts://127.0.0.1:9/x"):
        with pytest.raises(MlyardError, match="MLYARD_ALLOWED_ARTIFACT_ROOTS"):
            mlyard.create_experiment(location, location)


def test_a_model_of_such_a_root_is_registered_and_loaded(rooted: LiveServer) -> None:
    from sklearn.linear_model import LinearRegression

    mlyard.set_tracking_uri(rooted.url)
    with mlyard.start_run():
        line = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
        mlyard.sklearn.log_model(line, name="m#1", registered_model_name="Line", pip_requirements=[])
    assert round(float(mlyard.sklearn.load_model("models:/Line/1").coef_[0]), 3) == 2.0
    with pytest.raises(DoesNotExist):
        mlyard.sklearn.load_model("models:/Line/2")
    got = rooted.get("/model-versions/get-artifact?name=Line&version=1&path=MLmodel")
    assert (got.status, b"sklearn" in got.data) == (200, True)
