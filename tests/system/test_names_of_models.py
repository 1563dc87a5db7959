"""Models whose names have a meaning in URLs, on every kind of store: each is loaded by its own name."""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard import MlyardClient
from mlyard.core.errors import DoesNotExist, InvalidParameter
from tests.conftest import START_SECONDS, LiveServer, clean_environment
from tests.s3 import BUCKET, S3Server

NAMES = ["m", "m#2", "m?2", "m#", "m 2", "mü", "m@2", "m+2", "m&2=3", "m;2", "m,2", "-m", "~m", "m2", "\u006d\u0301"]
FOLDERS = ["f#2", "f?2", "f%202"]
REFUSED = r"choose another name"


@pytest.fixture(params=["folder", "server", "server on s3", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tracking store with an experiment: whose artifacts are in a folder, behind a server, or in a bucket."""
    servers = {"server": "server", "server on s3": "s3_backed_server", "s3": "server"}
    uri = str(tmp_path / "a#b?c%20d")
    if request.param in servers:
        live: LiveServer = request.getfixturevalue(servers[request.param])
        uri = live.url
    location = None
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3")
        for variable, value in s3.environment.items():
            monkeypatch.setenv(variable, value)
        location = f"s3://{BUCKET}/{uuid.uuid4().hex}"
    mlyard.set_tracking_uri(uri)
    mlyard.set_experiment(experiment_id=mlyard.create_experiment(uuid.uuid4().hex, location))
    return str(request.param)


def line(slope: float) -> LinearRegression:
    return LinearRegression().fit([[0.0], [1.0]], [0.0, slope])


def slope(uri: str) -> float:
    return round(float(mlyard.sklearn.load_model(uri).coef_[0]), 3)


@pytest.mark.usefixtures("place")
def test_each_model_is_loaded_by_its_own_name() -> None:
    slopes = {name: float(number + 1) for number, name in enumerate(NAMES)}
    registered = uuid.uuid4().hex
    with mlyard.start_run() as run:
        infos = {
            name: mlyard.sklearn.log_model(line(value), name=name, pip_requirements=[])
            for name, value in slopes.items()
        }
    of_run = {name: f"runs:/{run.info.run_id}/{name}" for name in NAMES}
    versions = {name: mlyard.register_model(uri, registered).version for name, uri in of_run.items()}
    assert {name: slope(uri) for name, uri in of_run.items()} == slopes
    assert {name: slope(info.model_uri) for name, info in infos.items()} == slopes
    assert {name: slope(f"models:/{registered}/{version}") for name, version in versions.items()} == slopes
    for name in NAMES:
        assert "MLmodel" in {
            file.path.rpartition("/")[2] for file in mlyard.artifacts.list_artifacts(infos[name].model_uri)
        }
        text = mlyard.artifacts.load_text(f"models:/{registered}/{versions[name]}/MLmodel")
        assert infos[name].model_id in text


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_that_no_uri_can_name_is_not_registered(place: str, folder: str, tmp_path: Path) -> None:
    mlyard.sklearn.save_model(line(1.0), tmp_path / "first", pip_requirements=[])
    mlyard.sklearn.save_model(line(2.0), tmp_path / "second", pip_requirements=[])
    with mlyard.start_run() as run:
        mlyard.log_artifacts(tmp_path / "first", "f")
        mlyard.log_artifacts(tmp_path / "second", folder)
    uri, name = f"runs:/{run.info.run_id}/{folder}", uuid.uuid4().hex
    assert (slope(uri), slope(f"runs:/{run.info.run_id}/f")) == (2.0, 1.0)
    if place == "folder":  # plain paths mean what they say
        mlyard.register_model(uri, name)
        assert slope(f"models:/{name}/1") == 2.0
        return
    with pytest.raises(InvalidParameter, match=REFUSED):
        mlyard.register_model(uri, name)
    assert mlyard.search_registered_models(filter_string=f"name = '{name}'") == []


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "uri", ["runs:/{run}/nothing", "models:/nothing/1", "models:/m-" + "0" * 32, "runs:/" + "0" * 32 + "/m"]
)
def test_what_is_not_there_leaves_no_registered_model(uri: str) -> None:
    with mlyard.start_run() as run:
        mlyard.log_text("1", "there/x")
    name = uuid.uuid4().hex
    with pytest.raises(DoesNotExist):
        mlyard.register_model(uri.format(run=run.info.run_id), name)
    assert mlyard.search_registered_models(filter_string=f"name = '{name}'") == []
    mlyard.register_model(f"runs:/{run.info.run_id}/there", name)


@pytest.mark.usefixtures("place")
def test_a_registered_model_may_be_called_like_the_start_of_an_id() -> None:
    name = f"m-classifier-{uuid.uuid4().hex}"
    with mlyard.start_run() as run:
        mlyard.sklearn.log_model(line(3.0), name="line", registered_model_name=name, pip_requirements=[])
    version = mlyard.register_model(f"models:/{name}/1", f"{name}@copy")
    assert (version.run_id, version.source) == (run.info.run_id, f"models:/{name}/1")
    assert version.model_id is None or version.model_id != f"{name}/1"
    MlyardClient().set_registered_model_alias(f"{name}@copy", "best", version.version)
    assert slope(f"models:/{name}@copy@best") == 3.0
    with pytest.raises(InvalidParameter, match="cannot be changed"):
        mlyard.models.set_signature(f"models:/{name}/1", mlyard.models.infer_signature([0.5], [0.5]))


MLFLOW = """
import sys
import mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(sys.argv[1])
for uri in sys.argv[2:]:
    model = mlflow.sklearn.load_model(uri)
    print(round(float(model.coef_[0]), 3))
"""


def test_mlflows_client_loads_these_models(server: LiveServer, mlflow_python: str, tmp_path: Path) -> None:
    mlyard.set_tracking_uri(server.url)
    mlyard.set_experiment(uuid.uuid4().hex)
    registered = uuid.uuid4().hex
    uris = []
    with mlyard.start_run() as run:
        for number, name in enumerate(NAMES):
            info = mlyard.sklearn.log_model(
                line(number + 1.0), name=name, pip_requirements=[], serialization_format="pickle",
                registered_model_name=registered,
            )  # fmt: skip
            uris += [info.model_uri, f"models:/{registered}/{number + 1}"]
            if "#" not in name and "?" not in name:  # MLflow's own URIs end there
                uris.append(f"runs:/{run.info.run_id}/{name}")
    done = subprocess.run(
        [mlflow_python, "-W", "ignore", "-c", MLFLOW, server.url, *uris],
        cwd=tmp_path,
        env=clean_environment(DO_NOT_TRACK="true", MLFLOW_DISABLE_TELEMETRY="true"),
        capture_output=True, text=True, check=False, timeout=10 * START_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    expected = [
        number + 1.0 for number, name in enumerate(NAMES) for _ in range(2 if "#" in name or "?" in name else 3)
    ]
    assert [float(text) for text in done.stdout.split()] == expected
