"""Environments made for models: with what the model asks for, once, and never half made."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.envs.environment import prepare
from mlyard.envs.installed import missing
from mlyard.envs.requirements import CheckedRequirements
from mlyard.envs.spec import EnvironmentSpec, read_spec
from mlyard.models.environment import environment_of, spec_of
from tests.conftest import SOAK, clean_environment, until

OTHER = "3.4"  # of idna, which the tests' environment has in a newer version


SCRIPT = """
import os
from importlib import metadata
from mlyard.models import set_model
from mlyard.pyfunc import PythonModel

class Tells(PythonModel):
    def predict(self, context, model_input, params=None):
        return [metadata.version("idna"), os.environ.get("SAID", "")]

set_model(Tells())
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments are made once for all tests."""
    return tmp_path_factory.mktemp("envs")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A model that tells what it is used in."""
    (tmp_path / "tells.py").write_text(SCRIPT)
    return tmp_path / "tells.py"


@pytest.fixture
def model(script: Path, tmp_path: Path) -> Path:
    assert importlib.metadata.version("idna") != OTHER
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=script, pip_requirements=[f"idna=={OTHER}", "cloudpickle"])
    return tmp_path / "m"


def predict(model: Path, root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlyard", "models", "predict", "-m", str(model), *options],
        input='{"inputs": ["x"]}',
        env=clean_environment(MLYARD_ENV_ROOT=str(root)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_is_scored_with_the_versions_that_it_asks_for(model: Path, root: Path) -> None:
    here = predict(model, root, "--env-manager", "local")
    assert json.loads(here.stdout)["predictions"][0] == importlib.metadata.version("idna")
    done = predict(model, root, "--env", "SAID=yes")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"predictions": [OTHER, "yes"]}
    assert f"idna=={OTHER}" in done.stderr
    (place,) = root.glob("mlyard-*[!k]")
    made = (place / ".mlyard-done").stat().st_mtime_ns
    again = predict(model, root, "--env-manager", "uv")
    assert json.loads(again.stdout)["predictions"] == [OTHER, ""]
    assert (place / ".mlyard-done").stat().st_mtime_ns == made
    assert [*root.glob("mlyard-*[!k]")] == [place]


def test_from_python(model: Path, root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(root))
    mlyard.models.predict(model, ["x"], output_path=tmp_path / "out.json", env_manager="uv", extra_envs={"SAID": "so"})
    assert json.loads((tmp_path / "out.json").read_text()) == {"predictions": [OTHER, "so"]}


def test_requirements_that_win_over_the_models(model: Path) -> None:
    assert spec_of(model, ["idna==3.6"]).requirements.lines == ("cloudpickle", "idna==3.6")
    with pytest.raises(InvalidParameter, match="refused"):
        spec_of(model, ["--index-url=http://127.0.0.1"])


def test_no_environment_is_made_where_the_one_that_runs_will_do(script: Path, tmp_path: Path) -> None:
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=script)
    spec = read_spec(tmp_path / "m")
    assert spec.requirements.lines
    assert missing(spec) == []
    assert environment_of(tmp_path / "m") is None
    assert missing(spec.with_lines(["idna==3.4", "no-such-thing-at-all"])) == ["idna==3.4", "no-such-thing-at-all"]


def test_what_cannot_be_installed_is_said_and_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(root / "failing"))
    spec = EnvironmentSpec(requirements=CheckedRequirements(("idna==99.99.99",)))
    with pytest.raises(InvalidParameter, match=r"uv reports: (.|\n)*idna"):
        prepare(spec)
    assert not [each for each in (root / "failing").iterdir() if each.is_dir()]


MAKE = """
import sys
from mlyard.envs.environment import prepare
from mlyard.envs.requirements import CheckedRequirements
from mlyard.envs.spec import EnvironmentSpec
print(prepare(EnvironmentSpec(requirements=CheckedRequirements(("idna==3.5",)))).place)
"""


def test_a_killed_build_is_made_anew_and_two_at_once_make_one(tmp_path: Path) -> None:
    root = tmp_path / "envs"
    environment = clean_environment(MLYARD_ENV_ROOT=str(root))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # An index that never answers: the build is in its middle until it is killed.
        index = {"UV_DEFAULT_INDEX": f"http://127.0.0.1:{silent.getsockname()[1]}", "UV_HTTP_TIMEOUT": "3600"}
        first = subprocess.Popen([sys.executable, "-c", MAKE], env=environment | index, start_new_session=True)
        until(lambda: any(root.glob("mlyard-*/pyvenv.cfg")))
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert not list(root.glob("mlyard-*/.mlyard-done"))
    both = [
        subprocess.Popen([sys.executable, "-c", MAKE], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    places = {process.communicate()[0].strip() for process in both}
    assert len(places) == 1
    (place,) = map(Path, places)
    assert list(root.glob("mlyard-*/.mlyard-done")) == [place / ".mlyard-done"]
    found = subprocess.run(
        [place / "bin" / "python", "-c", "import idna, mlyard; print(idna.__version__, mlyard.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["3.5", mlyard.__version__]


def test_a_manager_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_ENV_ROOT", str(tmp_path / "envs"))
    monkeypatch.setenv("MLYARD_CONDA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidParameter, match=r"None of conda, mamba, micromamba is in .*nowhere/bin"):
        prepare(EnvironmentSpec(), "conda")
    with pytest.raises(InvalidParameter, match="'poetry' is not supported"):
        prepare(EnvironmentSpec(), "poetry")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidParameter, match=r"needs Python 3\.99, which is not installed"):
        prepare(EnvironmentSpec(python="3.99"), "virtualenv")


@pytest.mark.skipif(not SOAK, reason="pip takes most of a minute: `make soak` does it")
def test_an_environment_by_venv_and_pip(model: Path, root: Path) -> None:
    done = predict(model, root, "--env-manager", "virtualenv")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["predictions"][0] == OTHER


def test_prepare_env_and_update_pip_requirements(model: Path, root: Path) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mlyard", "models", arguments[0], "-m", str(model), *arguments[1:]],
            env=clean_environment(MLYARD_ENV_ROOT=str(root)),
            capture_output=True,
            text=True,
            check=False,
        )

    made = command("prepare-env", "--env-manager", "uv")
    assert (Path(made.stdout.strip()) / "bin" / "mlyard").exists(), made.stderr
    assert command("update-pip-requirements", "add", "idna==3.6", "pytz").returncode == 0
    assert (model / "requirements.txt").read_text().split() == ["cloudpickle", "idna==3.6", "pytz"]
    assert command("update-pip-requirements", "remove", "pytz").returncode == 0
    assert read_spec(model).requirements.lines == ("cloudpickle", "idna==3.6")
    refused = command("update-pip-requirements", "add", "--", "--index-url=http://127.0.0.1")
    assert refused.returncode == 1
    assert "is refused" in refused.stderr
    assert "Traceback" not in refused.stderr
