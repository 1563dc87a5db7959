"""What users import: found at run time and by type checkers, with the same types."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
import mlyard.models
from tests.conftest import ROOT

# A script as users write it; the comments say what type checkers make of the line.
SCRIPT = """
import mlyard as mlflow
from mlyard import MlflowClient
from mlyard.models import infer_signature
from mlyard.pyfunc import PythonModel

class Shout(PythonModel):
    def predict(self, context: object, model_input: list[str], params: dict[str, object] | None = None) -> list[str]:
        return [text.upper() for text in model_input]

mlflow.set_tracking_uri("http://127.0.0.1:5000")
with mlflow.start_run() as run:
    reveal_type(run)  # ActiveRun
    mlflow.log_metric("rmse", 0.5)
    reveal_type(mlflow.sklearn.log_model(object(), name="model"))  # ModelInfo
    reveal_type(mlflow.pyfunc.log_model(name="shout", python_model=Shout()))  # ModelInfo
reveal_type(mlflow.pyfunc.load_model("models:/Line/1"))  # PyFuncModel
flavor: str = mlflow.pyfunc.FLAVOR_NAME
reveal_type(infer_signature([1.0]))  # ModelSignature
reveal_type(mlflow.models.infer_signature([1.0]))  # ModelSignature
reveal_type(mlflow.models.get_model_info("model").signature)  # ModelSignature | None
reveal_type(mlflow.models.Model.load("model"))  # Model
reveal_type(MlflowClient().get_run(run.info.run_id))  # Run
reveal_type(mlflow.tracking.MlflowClient().get_run("r").data.metrics)  # dict[str, float]
reveal_type(mlflow.types.Schema([]))  # Schema
mlflow.log_metrik("rmse", 0.5)  # error
mlflow.sklearn.log_modle(object())  # error
mlflow.models.infer_signatur([1.0])  # error
mlflow.log_metric("rmse", "much")  # error
"""
EXPECTED = {number: line.rpartition("# ")[2] for number, line in enumerate(SCRIPT.splitlines(), 1) if "# " in line}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "script.py"
    file.write_text(SCRIPT)
    return file


def test_mypy_knows_the_public_names(script: Path) -> None:
    """From the root, where mypy is strict and remembers the modules that it has checked."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.findall(r"^.*\bscript\.py:(\d+): (note|error): (.*)$", done.stdout, re.MULTILINE)
    assert {int(line): _told(kind, text) for line, kind, text in found} == EXPECTED, done.stdout + done.stderr


def test_pyright_knows_the_public_names(script: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, script.name]
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)["generalDiagnostics"]
    found = {each["range"]["start"]["line"] + 1: _told(each["severity"], each["message"]) for each in report}
    assert found == EXPECTED, done.stdout + done.stderr


def _told(kind: str, text: str) -> str:
    """The type that a checker reveals, without its modules; or that there is an error."""
    if kind == "error":
        return "error"
    revealed = re.findall(r'"([^"]*)"', text)[-1]
    return re.sub(r"(\w+\.)+", "", revealed)


@pytest.mark.parametrize("package", ["mlyard", "mlyard.models"])
def test_the_interpreter_looks_where_type_checkers_do(package: str) -> None:
    module = importlib.import_module(package)
    tree = ast.parse((ROOT / "src" / package.replace(".", "/") / "__init__.py").read_text())
    handed_on = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == ["*"]
    }
    assert {f"{package}.{home}" for home in module._HOMES} == handed_on


def test_the_modules_that_type_checkers_see_are_those_that_are_public() -> None:
    tree = ast.parse((ROOT / "src" / "mlyard" / "__init__.py").read_text())
    named = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "mlyard"
        for alias in node.names
    }
    public = {name for name in mlyard.__all__ if (ROOT / "src" / "mlyard" / f"{name}.py").exists()}
    assert named == public | set(mlyard._PACKAGES)


def test_no_name_is_public_twice() -> None:
    for module in (mlyard, mlyard.models):
        assert len(set(module.__all__)) == len(module.__all__)
