"""``import mlflow`` is mlyard: with ``mlyard python``, and with the alias in an environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.core.version import MLFLOW_VERSION
from mlyard.envs import alias, uv
from mlyard.envs.own import own_arguments
from tests.conftest import clean_environment, until

SAME = """
import mlflow, mlyard, mlyard.sklearn
import mlflow.sklearn, mlflow.tracking, mlflow.pyfunc, mlflow.models, mlflow.entities, mlflow.exceptions
from mlflow import MlflowClient, log_metric, start_run
from mlflow.models.signature import infer_signature
from mlflow.pyfunc.model import PythonModel
from mlflow.tracking.fluent import set_experiment

assert mlflow.sklearn is mlyard.sklearn and mlflow.pyfunc is mlyard.pyfunc and mlflow.models is mlyard.models
assert mlflow.tracking.MlflowClient is MlflowClient is mlyard.MlflowClient
assert (log_metric, start_run, set_experiment) == (mlyard.log_metric, mlyard.start_run, mlyard.set_experiment)
assert PythonModel is mlyard.pyfunc.PythonModel and infer_signature is mlyard.models.infer_signature
assert mlyard.sklearn.__spec__.name == mlyard.sklearn.__name__ == "mlyard.sklearn"
assert "log_metric" in dir(mlflow) and not hasattr(mlflow, "no_such_name")
try:
    import mlflow.no_such_module
except ModuleNotFoundError as error:
    assert error.name == "mlflow.no_such_module"

# What Lightning, transformers and others use of MLflow's inner modules.
assert mlflow.utils.validation.MAX_PARAM_VAL_LENGTH == 6000
assert mlflow.utils.validation.MAX_PARAMS_TAGS_PER_BATCH == 100
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME
from mlflow.tracking.context.registry import resolve_tags
from mlflow.tracking import context
from mlflow.version import VERSION
assert MLFLOW_RUN_NAME == "mlflow.runName" and resolve_tags({"a": "b"})["a"] == "b"
assert context.resolve_tags()["mlflow.source.type"] == "LOCAL"

from importlib.metadata import version
print(mlflow.__version__, version("mlflow"))
"""


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlyard", "python", *arguments]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_the_modules_are_the_same_objects() -> None:
    done = python("-c", SAME)
    assert (done.returncode, done.stdout.split()) == (0, [MLFLOW_VERSION, MLFLOW_VERSION]), done.stderr


def test_the_alias_has_the_version_that_mlyard_speaks() -> None:
    (found,) = metadata.distributions(name="mlflow", path=[str(Path(alias.__file__).parent / "alias_packages")])
    assert found.version == MLFLOW_VERSION
    assert (found.metadata["Name"], found.requires) == ("mlflow", ["mlyard"])


SCRIPT = """
import json, sys
print(json.dumps([__name__, __file__, sys.argv, sys.path[0], sys.stdin.read()]))
sys.exit(7)
"""


def test_a_script_is_run_as_python_runs_it(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    arguments = [str(script), "--help", "-P", "a=1", "--", "x y"]
    plain = subprocess.run([sys.executable, *arguments], input="in", capture_output=True, text=True, check=False)
    ours = python(*arguments, input="in")
    assert (ours.returncode, ours.stdout, ours.stderr) == (plain.returncode, plain.stdout, plain.stderr) != (0, "", "")
    assert python("-m", "json.tool", "--help").stdout.startswith("usage:")
    assert python("-c", "import os; os.abort()").returncode == -signal.SIGABRT
    assert "ZeroDivisionError" in python("-c", "1 / 0").stderr


def test_signals_reach_the_script(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"import pathlib, signal; pathlib.Path({str(ready)!r}).touch(); signal.pause()"
    process = subprocess.Popen([sys.executable, "-m", "mlyard", "python", "-c", code], stderr=subprocess.DEVNULL)
    until(ready.exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


def test_processes_of_the_script_import_mlyard_too() -> None:
    inner = "import mlflow; print(mlflow.__version__)"
    done = python("-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)")
    assert done.stdout.strip() == MLFLOW_VERSION


def test_a_python_without_mlyard_gets_its_own_mlflow(tmp_path: Path) -> None:
    place = tmp_path / "env"
    subprocess.run([uv.find(), "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    command = [str(place / "bin" / "python"), "-c", "import mlflow; print(mlflow.mine)"]
    environment = alias.variables(clean_environment())
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "No module named 'mlflow'" in done.stderr
    (site,) = place.glob("lib/python*/site-packages")
    (site / "mlflow.py").write_text("mine = 1\n")
    assert subprocess.check_output(command, env=environment, text=True) == "1\n"


def test_a_model_that_a_script_logs_does_not_need_the_alias(tmp_path: Path) -> None:
    code = """
import mlflow
class Sees(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        mlflow.start_run
        return ['seen']
with mlflow.start_run():
    print(mlflow.pyfunc.log_model(name="m", python_model=Sees(), input_example=[1.0]).model_uri)
"""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    model = mlyard.pyfunc.load_model(done.stdout.strip())
    assert model.predict([2.0]) == ["seen"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with mlyard alone."""
    place = tmp_path_factory.mktemp("alias") / "env"
    subprocess.run([uv.find(), "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    install = [uv.find(), "pip", "install", "--quiet", "--python", str(place / "bin" / "python")]
    subprocess.run([*install, *own_arguments("models")], check=True)
    return place


def in_environment(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(place / "bin" / arguments[0]), *arguments[1:]]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)


def test_the_alias_is_installed_and_removed(environment: Path) -> None:
    assert in_environment(environment, "python", "-c", "import mlflow").returncode == 1
    for _ in range(2):
        done = in_environment(environment, "mlyard", "alias", "install")
        assert (done.returncode, done.stderr) == (0, "")
    assert f"mlyard {mlyard.__version__}, as mlflow {MLFLOW_VERSION}" in done.stdout
    found = in_environment(environment, "python", "-c", SAME)
    assert (found.returncode, found.stdout.split()) == (0, [MLFLOW_VERSION, MLFLOW_VERSION]), found.stderr
    listed = subprocess.check_output(
        [uv.find(), "pip", "list", "--format", "json", "--python", str(environment / "bin" / "python")]
    )
    assert {"name": "mlflow", "version": MLFLOW_VERSION} in json.loads(listed)
    assert "Removed" in in_environment(environment, "mlyard", "alias", "remove").stdout
    assert "not installed" in in_environment(environment, "mlyard", "alias", "remove").stdout
    assert in_environment(environment, "python", "-c", "import mlflow").returncode == 1
    assert not list(environment.rglob("mlflow*3.17*"))


def test_uv_uninstalls_the_alias_as_any_package(environment: Path) -> None:
    assert in_environment(environment, "mlyard", "alias", "install").returncode == 0
    python = str(environment / "bin" / "python")
    subprocess.run([uv.find(), "pip", "uninstall", "--quiet", "--python", python, "mlflow"], check=True)
    assert in_environment(environment, "python", "-c", "import mlflow").returncode == 1


@pytest.mark.parametrize("name", ["mlflow", "mlflow-skinny"])
def test_the_alias_does_not_replace_mlflow(name: str, tmp_path: Path) -> None:
    info = tmp_path / f"{name.replace('-', '_')}-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "mine.py").touch()
    with pytest.raises(InvalidParameter, match=rf"{name} 2\.0 is installed.*pip uninstall {name}"):
        alias.install(tmp_path)
    assert alias.remove(tmp_path) is False
    assert [*(tmp_path / "mlflow").iterdir()] == [tmp_path / "mlflow" / "mine.py"]


def test_the_alias_does_not_replace_a_package_without_metadata(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    with pytest.raises(InvalidParameter, match="is not the alias"):
        alias.install(tmp_path)
    assert [*tmp_path.iterdir()] == [tmp_path / "mlflow"]


def test_variables_name_the_alias_once_and_can_lose_it() -> None:
    given = {"PYTHONPATH": os.pathsep.join(["/a", "/b"]), "X": "1"}
    ours = alias.variables(given)
    assert ours["PYTHONPATH"].split(os.pathsep)[1:] == ["/a", "/b"]
    assert alias.without(ours) == given
    assert alias.without(alias.variables({"X": "1"})) == {"X": "1"}
    assert alias.variables(ours) == ours
