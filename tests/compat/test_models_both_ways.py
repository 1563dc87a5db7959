"""Models saved by mlyard load in MLflow and serve there, and models saved by MLflow load in mlyard.

Each library runs in an environment of its own: see tests/compat/models/.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from sklearn.datasets import load_diabetes

from tests.compat.models import matrix
from tests.compat.models.matrix import MLYARD, NEWEST, TRIPS, Results, Trip
from tests.conftest import START_SECONDS, await_answer, clean_environment, end, fetch, free_port

# What a version of MLflow cannot save.
MISSING = {
    "1.30.1": {"sklearn-skops", "python-function", "python-typed", "python-script"},
    "2.22.5": {"sklearn-skops"},
    "3.17.2": set(),
    MLYARD: set(),
}
KINDS = tuple(matrix.expected_answers())
CASES = [
    (trip, kind)
    for trip in TRIPS
    for kind in KINDS
    if kind not in MISSING[trip.saver] and (trip.way != "sklearn" or kind.startswith("sklearn-"))
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def results(folder: Path) -> Results:
    return matrix.measure(folder)


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    return matrix.expected_answers()


@pytest.mark.parametrize(("trip", "kind"), CASES, ids=[f"{trip.title}, {kind}" for trip, kind in CASES])
def test_a_trip(results: Results, expected: dict[str, Any], trip: Trip, kind: str) -> None:
    assert results[trip][kind] == expected[kind]


@pytest.mark.parametrize("saver", MISSING)
def test_each_kind_is_saved_by_all_that_can(results: Results, folder: Path, saver: str) -> None:
    assert {each.name for each in (folder / saver / "models").iterdir()} == set(KINDS) - MISSING[saver]


def test_the_guide_has_this_table(results: Results, expected: dict[str, Any]) -> None:
    assert matrix.table_in_docs() == matrix.table(results, expected)


@pytest.mark.parametrize("kind", ["sklearn-skops", "python-class"])
def test_mlflow_serves_ours(results: Results, expected: dict[str, Any], folder: Path, kind: str) -> None:
    python, port = matrix.python_of(NEWEST), free_port()
    model = folder / MLYARD / "models" / kind
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PATH=f"{Path(python).parent}:/usr/bin:/bin")
    command = [python, "-m", "mlflow", "models", "serve", "-m", str(model), "-p", str(port), "--env-manager", "local"]
    process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        await_answer(process, url, "/ping", 4 * START_SECONDS)  # it takes half a minute on a quiet machine
        rows = load_diabetes(as_frame=True)["data"].head(3)
        body = {"dataframe_split": rows[rows.columns[::-1]].to_dict(orient="split")}
        answer = fetch("POST", f"{url}/invocations", json=body)
        assert answer.status == 200
        assert [round(v, 6) if isinstance(v, float) else v for v in answer.json()["predictions"]] == expected[kind]
    finally:
        end(process)


def test_mlflow_reads_what_ours_say_of_themselves(results: Results, folder: Path) -> None:
    """The description of a model is the same, whichever of the two wrote it."""
    said = [describe(folder / saver / "models" / "sklearn-skops") for saver in (NEWEST, MLYARD)]
    assert said[0] == said[1]


DESCRIBE = """
import json, sys, mlflow
from mlflow.models import Model
model = Model.load(sys.argv[1])
example = model.load_input_example(sys.argv[1])
print(json.dumps([
    model.signature.to_dict(),
    sorted(model.flavors),
    {name: value for name, value in model.flavors["sklearn"].items()},
    {name: value for name, value in model.flavors["python_function"].items()},
    model.saved_input_example_info,
    example.to_dict(orient="split"),
    model.get_serving_input(sys.argv[1]),
]))
"""


def describe(folder: Path) -> Any:
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore")
    command = [matrix.python_of(NEWEST), "-c", DESCRIBE, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = {name: yaml.safe_load((folder / name).read_text()) for name in ("conda.yaml", "python_env.yaml")}
    requirements = [line for line in (folder / "requirements.txt").read_text().split() if not line.startswith("mlflow")]
    del files["conda.yaml"]["name"]
    files["conda.yaml"]["dependencies"][-1]["pip"] = requirements
    return json.loads(done.stdout.splitlines()[-1]), files, requirements
