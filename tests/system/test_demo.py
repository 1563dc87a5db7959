"""The demo, the project's run and the model's server, as a new user starts them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mlyard.hosting.network import is_free
from tests.conftest import ROOT, START_SECONDS, LiveServer, clean_environment, fetch, free_port, running

COLUMNS = [
    "fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides", "free sulfur dioxide",
    "total sulfur dioxide", "density", "pH", "sulphates", "alcohol",
]  # fmt: skip
ROW = [6.2, 0.66, 0.48, 1.2, 0.029, 29, 75, 0.98, 3.33, 0.39, 12.8]


def mlyard(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlyard", *arguments]
    return subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)


def test_the_demo_runs_to_its_prediction_and_again_with_what_is_there(tmp_path: Path) -> None:
    ports = ("-p", str(free_port()), "--serve-port", str(free_port()))
    done = mlyard(tmp_path, "demo", "--once", "--project", str(ROOT / "examples" / "tutorial"), *ports)
    assert done.returncode == 0, done.stderr
    assert "Training 9 models" in done.stdout
    assert_it_came_to_its_end(done.stdout)
    for sent in (signal.SIGINT, signal.SIGTERM):
        status, printed = ended_by(sent, tmp_path, *ports)
        assert status == 0
        assert "models that an earlier demo trained" in printed
        assert_it_came_to_its_end(printed)
        assert all(is_free("127.0.0.1", int(port)) for port in ports[1::2])


def assert_it_came_to_its_end(printed: str) -> None:
    assert re.search(r"Predicted quality of one wine: +6\.064", printed)
    assert "version 1 is in Production" in printed


def ended_by(sent: signal.Signals, folder: Path, *ports: str) -> tuple[int, str]:
    """A demo that waits for Ctrl-C and gets a signal: its status, and what it printed."""
    command = [sys.executable, "-m", "mlyard", "demo", "--project", str(ROOT / "examples" / "tutorial"), *ports]
    environment = clean_environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        printed = ""
        while "Press Ctrl-C to stop both servers" not in printed:
            line = demo.stdout.readline()
            assert line, printed
            printed += line
        demo.send_signal(sent)
        demo.communicate(timeout=START_SECONDS)
    return demo.returncode, printed


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tutorial's command was run, with nothing else prepared."""
    folder = tmp_path_factory.mktemp("trained")
    project = str(ROOT / "examples" / "tutorial")
    done = mlyard(folder, "run", project, "-P", "alpha=1.0", "-P", "l1_ratio=1.0", "--experiment-name", "exp",
                  "--env-manager", "local")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "RMSE" in done.stdout
    return folder


@pytest.fixture(scope="module")
def scoring(trained: Path) -> Iterator[LiveServer]:
    program = "import mlyard; print(mlyard.search_runs(experiment_names=['exp'], output_format='list')[0].info.run_id)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=trained, env=clean_environment(), capture_output=True, text=True, check=True)
    with running(["models", "serve", "-m", f"runs:/{done.stdout.strip()}/model"], trained, free_port()) as server:
        yield server


def post(server: LiveServer, body: object, kind: str = "application/json") -> tuple[int, object]:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    answer = fetch("POST", f"{server.url}/invocations", body=content, headers={"Content-Type": kind})
    return answer.status, msgspec.json.decode(answer.data)


SPLIT = {"columns": COLUMNS, "data": [ROW]}


def test_every_form_of_the_same_row_gets_the_same_answer(scoring: LiveServer) -> None:
    status, answer = post(scoring, {"dataframe_split": SPLIT})
    assert status == 200
    (value,) = answer["predictions"]  # type: ignore[index]  # a JSON object
    shuffled = {"columns": COLUMNS[::-1], "data": [ROW[::-1]]}
    record = [dict(zip(COLUMNS, ROW, strict=True))]
    csv = ",".join(COLUMNS) + "\n" + ",".join(map(str, ROW)) + "\n"
    assert post(scoring, {"dataframe_split": shuffled}) == (200, {"predictions": [value]})
    assert post(scoring, {"dataframe_records": record}) == (200, {"predictions": [value]})
    assert post(scoring, {"instances": record}) == (200, {"predictions": [value]})
    assert post(scoring, {"inputs": [ROW]}) == (200, {"predictions": [value]})
    assert post(scoring, csv.encode(), "text/csv") == (200, {"predictions": [value]})
    assert post(scoring, SPLIT, "application/json; format=pandas-split") == (200, [value])
    assert post(scoring, record, "application/json;format=pandas-records") == (200, [value])


@pytest.mark.parametrize(
    ("body", "kind", "status", "reason"),
    [
        (b"{bad", "application/json", 400, "not valid JSON"),
        (b"\xff", "application/json", 400, "not valid JSON"),
        ({}, "application/json", 400, "exactly one of"),
        ({"inputs": [[1]], "instances": [[1]]}, "application/json", 400, "exactly one of"),
        ({"dataframe_split": {"columns": ["pH"], "data": [[1]]}}, "application/json", 400, "fixed acidity"),
        ({"dataframe_split": {"columns": ["pH"], "data": [[1, 2]]}}, "application/json", 400, "'fixed acidity'"),
        ({"dataframe_split": 5}, "application/json", 400, "dataframe_split"),
        ({"dataframe_records": []}, "application/json", 400, "empty"),
        ({"inputs": [["a"] * 11]}, "application/json", 400, "fixed acidity"),
        ({"inputs": [[1], [2, 3]]}, "application/json", 400, "Row 0"),
        (b"x", "application/octet-stream", 415, "application/octet-stream"),
        (b"x", "application/vnd.bentoml+pickle", 415, "pickle"),
        (SPLIT, "application/json; format=nonsense", 415, "nonsense"),
    ],
)
def test_a_bad_request_is_explained_and_harms_nobody(
    scoring: LiveServer, body: object, kind: str, status: int, reason: str
) -> None:
    got, answer = post(scoring, body, kind)
    assert got == status
    assert reason in answer["message"]  # type: ignore[index]  # a JSON object
    assert "Traceback" not in str(answer)
    assert post(scoring, {"dataframe_split": SPLIT})[0] == 200


def test_ping_health_and_version(scoring: LiveServer) -> None:
    assert [scoring.get(path).status for path in ("/ping", "/health", "/version", "/nothing")] == [200, 200, 200, 404]


def test_sigterm_ends_the_model_server_cleanly(trained: Path, scoring: LiveServer) -> None:
    model = next(trained.glob("mlartifacts/*/*/artifacts/model"))
    with running(["models", "serve", "-m", str(model)], trained, free_port()) as second:
        assert post(second, {"dataframe_split": SPLIT})[0] == 200
        assert second.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("run", "nowhere"), "There is no project"),
        (("run", str(ROOT / "examples" / "tutorial"), "-P", "alpha"), "-P name=value"),
        (("run", str(ROOT / "examples" / "tutorial"), "-P", "alpha=high"), "must be of type float"),
        (("run", str(ROOT / "examples" / "tutorial"), "-e", "other"), "no entry point 'other'"),
        (("models", "serve", "-m", "models:/None/1", "-p", "0"), "name=None"),
        (("models", "serve", "-m", "runs:/x$(touch pwned)/m", "-p", "0"), "not found"),
    ],
)
def test_the_command_line_explains_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    done = mlyard(tmp_path, *arguments)
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "pwned").exists()
