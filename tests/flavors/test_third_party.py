"""A flavor of a third party's: a package of its own, in an environment of its own, found by its entry point."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, clean_environment

USE = """
import json, os, numpy as np, mlyard, mlyard_centroids
from mlyard.core.errors import PermissionDenied
from mlyard.models import inspect_model
from mlyard.models.format.flavor import flavor_names

model = mlyard_centroids.Centroids([[0.0, 0.0], [1.0, 1.0]])
data = np.array([[0.1, 0.0], [0.9, 2.0]])
with mlyard.start_run():
    info = mlyard_centroids.log_model(model, name="model", input_example=data)
told = [each.file for each in inspect_model(info.model_uri)]
os.environ["MLYARD_ALLOW_PICKLE"] = "0"
print(json.dumps({
    "names": flavor_names(),
    "own": mlyard_centroids.load_model(info.model_uri).nearest(data).tolist(),
    "function": mlyard.pyfunc.load_model(info.model_uri).predict(data).tolist(),
    "outputs": info.signature.outputs is not None,
    "requirements": open(mlyard.pyfunc.get_model_dependencies(info.model_uri)).read().splitlines(),
    "told": told,
    "folder": mlyard.artifacts.download_artifacts(info.model_uri, dst_path="kept"),
}))
"""
REFUSED = """
import mlyard
from mlyard.core.errors import PermissionDenied
try:
    mlyard.pyfunc.load_model("kept")
except PermissionDenied as error:
    print(error)
"""


def uv(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name("uv")), *arguments], check=True)


def run(python: Path, code: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(python), "-c", code],
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with mlyard, the package that adds the flavor, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    package = shutil.copytree(ROOT / "examples" / "flavor", folder / "package")
    uv("venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", str(python), "--editable", f"{ROOT}[models]", str(package))
    return python


def test_a_package_adds_a_flavor(python: Path, tmp_path: Path) -> None:
    answer: dict[str, Any] = json.loads(run(python, USE, tmp_path))
    assert "centroids" in answer["names"]
    assert answer["own"] == answer["function"] == [0, 1]
    assert answer["outputs"]
    assert "mlyard-centroids==1.0" in answer["requirements"]
    assert answer["told"] == []

    # Where the package is not installed, nothing is known of the flavor: it is taken to run code.
    shutil.move(answer["folder"], tmp_path / "elsewhere")
    (tmp_path / "elsewhere").rename(tmp_path / "kept")
    told = run(Path(sys.executable), REFUSED, tmp_path, MLYARD_ALLOW_PICKLE="0")
    assert "MLmodel (its module 'mlyard_centroids' is imported and called)" in told
