"""Copies of models that are loaded from a server are gone when the process is; what a caller asked for stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
from tests.conftest import LiveServer, clean_environment

LINE = """
from mlyard.models import set_model
set_model(lambda model_input: model_input)
"""


@pytest.fixture
def model(server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of a model on the server."""
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    (tmp_path / "line.py").write_text(LINE)
    with mlyard.start_run():
        info = mlyard.pyfunc.log_model(name="line", python_model=tmp_path / "line.py", pip_requirements=["cloudpickle"])
    return info.model_uri


def left_by(server: LiveServer, temporary: Path, *command: str, text: str = "") -> list[str]:
    """The names of what a process leaves in its folder for temporary files."""
    temporary.mkdir()
    environment = clean_environment(MLYARD_TRACKING_URI=server.url, TMPDIR=str(temporary))
    done = subprocess.run(
        [sys.executable, *command], env=environment, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [path.name for path in temporary.iterdir()]


@pytest.mark.parametrize(
    "code",
    [
        "mlyard.pyfunc.load_model('{model}').predict([1])",
        "mlyard.models.get_model_info('{model}')",
        "mlyard.models.Model.load('{model}')",
        "mlyard.models.inspect_model('{model}')",
        "mlyard.models.update_model_requirements('{model}', 'add', ['idna'])",
        # A child that ends as programs do must not take what its parent has loaded.
        "loaded = mlyard.pyfunc.load_model('{model}'); child = os.fork(); child or sys.exit(0); os.waitpid(child, 0); "
        "assert any(Path(tempfile.gettempdir()).rglob('MLmodel'))",
    ],
)
def test_a_program_leaves_no_copy(server: LiveServer, model: str, tmp_path: Path, code: str) -> None:
    program = f"import os, sys, tempfile; from pathlib import Path; import mlyard; {code.format(model=model)}"
    assert left_by(server, tmp_path / "temporary", "-c", program) == []


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("inspect", "-m"), ""),
        (("predict", "--env-manager", "local", "-m"), '{"inputs": [1]}'),
    ],
)
def test_a_command_leaves_no_copy(
    server: LiveServer, model: str, tmp_path: Path, command: tuple[str, ...], text: str
) -> None:
    assert left_by(server, tmp_path / "temporary", "-m", "mlyard", "models", *command, model, text=text) == []


def test_a_download_stays_and_one_that_fails_leaves_nothing(server: LiveServer, model: str, tmp_path: Path) -> None:
    kept = f"import mlyard; mlyard.artifacts.download_artifacts('{model}')"
    assert len(left_by(server, tmp_path / "kept", "-c", kept)) == 1
    missing = f"""
import mlyard, mlyard.exceptions
try:
    mlyard.artifacts.download_artifacts('{model}/nothing')
except mlyard.exceptions.MlflowException:
    pass
"""
    assert left_by(server, tmp_path / "missing", "-c", missing) == []
