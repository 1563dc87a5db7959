"""`mlyard models serve` in the environment that a model asks for."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
from tests.conftest import START_SECONDS, await_answer, clean_environment, fetch, free_port

OTHER = "3.4"
SCRIPT = """
from importlib import metadata
from mlyard.models import set_model

def predict(model_input):
    return [metadata.version("idna")]

set_model(predict)
"""


def serve(uri: str, folder: Path, *options: str) -> tuple[list[str], int]:
    """What a served model answers, and how its server ended after SIGTERM."""
    port = free_port()
    command = [sys.executable, "-m", "mlyard", "models", "serve", "-m", uri, "-p", str(port), *options]
    environment = clean_environment(MLYARD_ENV_ROOT=str(folder / "envs"))
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        await_answer(process, f"http://127.0.0.1:{port}", "/ping")
        answer = fetch("POST", f"http://127.0.0.1:{port}/invocations", json={"inputs": ["x"]})
        process.terminate()
        return answer.json()["predictions"], process.wait(START_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_model_is_served_with_the_versions_that_it_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tells.py").write_text(SCRIPT)
    requirements = [f"idna=={OTHER}", "cloudpickle"]
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=tmp_path / "tells.py", pip_requirements=requirements)
    here = importlib.metadata.version("idna")
    assert here != OTHER
    assert serve(str(tmp_path / "m"), tmp_path, "--env-manager", "local") == ([here], 0)
    made = subprocess.run(
        [sys.executable, "-m", "mlyard", "models", "prepare-env", "-m", str(tmp_path / "m")],
        env=clean_environment(MLYARD_ENV_ROOT=str(tmp_path / "envs")),
        check=True,
    )
    assert made.returncode == 0
    assert serve(str(tmp_path / "m"), tmp_path) == ([OTHER], 0)
    # Behind a tracking server, the model is a copy that goes when the server ends.
    monkeypatch.setenv("MLYARD_TRACKING_URI", f"sqlite:///{tmp_path}/mlyard.db")
    with mlyard.start_run() as run:
        mlyard.pyfunc.log_model(name="m", python_model=tmp_path / "tells.py", pip_requirements=requirements)
    assert serve(f"runs:/{run.info.run_id}/m", tmp_path, "--workers", "2") == ([OTHER], 0)
