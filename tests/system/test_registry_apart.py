"""A registry apart from the tracking store: each of them a server, a database or a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard import MlyardClient
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.list_tags import TAG_VERSIONS
from tests.conftest import LiveServer, running
from tests.ports import free_port
from tests.postgres import Cluster

KINDS = ("server", "sqlite", "postgresql", "folder")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A second server, which knows nothing of the first."""
    with running(["server"], tmp_path_factory.mktemp("other"), free_port()) as live:
        yield live


@pytest.fixture
def address(postgres: Cluster, tmp_path: Path) -> Callable[[str, LiveServer], str]:
    """The address of a store of a kind; for a server, that of the given one."""

    def made(kind: str, server: LiveServer) -> str:
        name = f"{kind}-{len(list(tmp_path.iterdir()))}"
        (tmp_path / name).mkdir()
        if kind == "server":
            return server.url
        if kind == "postgresql":
            return postgres.new_database()
        return str(tmp_path / name) if kind == "folder" else f"sqlite:///{tmp_path / name}/mlyard.db"

    return made


def _line() -> LinearRegression:
    return LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


@pytest.mark.parametrize("registry", KINDS)
@pytest.mark.parametrize("tracking", KINDS)
def test_models_of_one_store_are_registered_in_another(
    server: LiveServer, other: LiveServer, address: Any, tracking: str, registry: str
) -> None:
    mlyard.set_tracking_uri(address(tracking, server))
    mlyard.set_registry_uri(address(registry, other))
    name = f"Line of {tracking} in {registry}"
    with mlyard.start_run() as run:
        info = mlyard.sklearn.log_model(_line(), name="line", registered_model_name=name)
        mlyard.sklearn.save_model(_line(), "saved")
        mlyard.log_artifacts("saved", "files")
    run_id = run.info.run_id
    versions = [
        mlyard.register_model(info.model_uri, name),
        mlyard.register_model(f"runs:/{run_id}/line", name),
        mlyard.register_model(f"runs:/{run_id}/files", name),
        MlyardClient().create_model_version(name, f"runs:/{run_id}/files", run_id),
    ]
    client = MlyardClient()
    client.set_registered_model_alias(name, "best", versions[0].version)
    client.transition_model_version_stage(name, versions[1].version, "Production")
    uris = [f"models:/{name}/{version}" for version in ("1", "2", "3", "4", "5", "Production", "latest")]
    for uri in (*uris, f"models:/{name}@best"):
        assert mlyard.pyfunc.load_model(uri).predict([[3.0]])[0] == pytest.approx(3.0), uri
    assert client.get_model_version(name, "5").run_id == run_id
    tag = mlyard.get_logged_model(info.model_id).tags[TAG_VERSIONS]
    assert tag == "[" + ", ".join(f'{{"name": "{name}", "version": {number}}}' for number in (1, 2, 3)) + "]"


def test_what_a_registry_server_takes_from_elsewhere(other: LiveServer) -> None:
    other.call("POST", "registered-models/create", {"name": "Elsewhere"})
    run, model = "a" * 32, f"m-{'b' * 32}"
    taken: dict[str, dict[str, str]] = {
        f"runs:/{run}/model": {"run_id": run},
        f"mlflow-artifacts:/7/{run}/artifacts/model": {"run_id": run},
        f"models:/{model}": {"model_id": model},
        "s3://bucket/model": {"run_id": run},
    }
    for source, more in taken.items():
        status, answer = other.call("POST", "model-versions/create", {"name": "Elsewhere", "source": source, **more})
        assert status == 200, (source, answer)
        version: Any = answer["model_version"]
        asked = f"name=Elsewhere&version={version['version']}"
        assert version["source"] == source
        assert other.call("GET", f"model-versions/get-download-uri?{asked}")[1] == {"artifact_uri": source}
        if not source.startswith("s3:"):
            files = other.get(f"/model-versions/get-artifact?{asked}&path=MLmodel")
            assert files.status == 400, "files of another server are not looked for on this one"
            assert b"read them with a client" in files.data
    for source in (
        "/etc",
        "file:///etc",
        "dummy-source",
        f"mlflow-artifacts:/7/{run}/../../etc",
        f"models:/{model}",
        f"runs:/{run}/x",
        "mlflow-artifacts:/7/x",
        f"mlflow-artifacts://other:5000/7/{run}/artifacts/model",
    ):
        status, answer = other.call("POST", "model-versions/create", {"name": "Elsewhere", "source": source})
        assert status in {400, 404}, source
    here: Any = other.call("POST", "runs/create", {"experiment_id": "0"})[1]
    for source in (f"runs:/{run}/model", f"mlflow-artifacts:/7/{run}/artifacts/model"):
        of_here = {"name": "Elsewhere", "source": source, "run_id": here["run"]["info"]["run_id"]}
        assert other.call("POST", "model-versions/create", of_here)[0] in {400, 404}, source


def test_another_runs_artifacts_are_no_source(server: LiveServer) -> None:
    """A version gives access to its files, so it may only name those of its own run."""
    server.call("POST", "registered-models/create", {"name": "Theirs"})
    created: Any = server.call("POST", "runs/create", {"experiment_id": "0"})[1]
    uri = created["run"]["info"]["artifact_uri"]
    for source in (f"{uri}/model", uri, "mlflow-artifacts:/"):
        for more in ({}, {"run_id": "c" * 32}):
            status, _ = server.call("POST", "model-versions/create", {"name": "Theirs", "source": source, **more})
            assert status == 400, source
    folder = {"name": "Theirs", "source": "mlflow-artifacts:/0", "run_id": "c" * 32}
    assert server.call("POST", "model-versions/create", folder)[0] == 200
    run_id = created["run"]["info"]["run_id"]
    path = f"/model-versions/get-artifact?name=Theirs&version=1&path={run_id}/artifacts/x"
    assert server.get(path).status == 400


def test_versions_of_unknown_runs_in_the_same_store_are_refused_by_register_model() -> None:
    mlyard.set_registry_uri("sqlite:///registry.db")
    with pytest.raises(DoesNotExist):
        mlyard.register_model(f"runs:/{'d' * 32}/model", "Line")
    with pytest.raises((DoesNotExist, InvalidParameter)):
        mlyard.register_model(f"models:/Other/{1}", "Line")
