"""An unmodified MLflow 3.17.2 client, in an environment of its own, against our server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LiveServer, clean_environment

TOUR = Path(__file__).parent / "mlflow_tour.py"


@pytest.fixture(scope="module")
def tour(server: LiveServer, mlflow_python: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the client saw: the tour prints one JSON object as its last line."""
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore")
    done = subprocess.run(
        [mlflow_python, str(TOUR), server.url],
        cwd=tmp_path_factory.mktemp("tour"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_experiments_and_runs(tour: dict[str, Any]) -> None:
    assert tour["experiment"] == ["tour", "active", {"team": "blue"}]
    assert tour["status"] == "FINISHED"
    assert tour["params"] == {"alpha": "0.5", "a": "1", "b": "x"}
    assert tour["tags"]["t"] == "v"
    assert tour["parent"] == tour["run_id"]


def test_metrics_with_nan_and_infinity(tour: dict[str, Any]) -> None:
    assert tour["metrics"] == {"rmse": "1.5", "mae": "nan", "inf": "inf"}
    assert tour["history"] == [[0, 1.0], [1, 0.5], [2, 0.25]]


def test_search_and_its_data_frame(tour: dict[str, Any]) -> None:
    assert tour["found"] == [tour["run_id"]]
    assert {"metrics.rmse", "params.alpha", "tags.t", "start_time"} <= set(tour["columns"])
    assert tour["paged"] == 12


def test_artifacts(tour: dict[str, Any]) -> None:
    assert tour["artifacts"] == ["a.txt", "sub"]
    assert tour["text"] == "hello"


def test_models_are_logged_and_loaded_by_every_address(tour: dict[str, Any]) -> None:
    assert tour["loaded"] == [tour["expected"]] * len(tour["loaded"])
    assert len(tour["loaded"]) == 5


def test_the_registry_with_stages(tour: dict[str, Any]) -> None:
    assert tour["stages"] == {"1": "Archived", "2": "Production"}
    assert tour["by_alias"] == "2"
    assert tour["registered"] == ["Tour"]
    assert tour["version_run"] == tour["run_id"]
    assert tour["same_files"]


def test_errors_reach_the_client_with_their_codes(tour: dict[str, Any]) -> None:
    assert tour["errors"] == [
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
        "INVALID_PARAMETER_VALUE",
        "INVALID_PARAMETER_VALUE",
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
    ]
