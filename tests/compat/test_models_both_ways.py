"""Models saved by mlyard load in MLflow 3.17.2, and models saved by MLflow load in mlyard."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet

import mlyard
from mlyard.models import infer_signature
from tests.conftest import clean_environment

SAVE = """
import sys, mlflow
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
X, y = load_diabetes(return_X_y=True, as_frame=True)
mlflow.sklearn.save_model(ElasticNet(alpha=0.1).fit(X, y), sys.argv[1], serialization_format=sys.argv[2],
                          input_example=X.head(2))
"""
LOAD = """
import json, sys, mlflow
from sklearn.datasets import load_diabetes
X, y = load_diabetes(return_X_y=True, as_frame=True)
shuffled = X[X.columns[::-1]].head(3)
print(json.dumps([mlflow.pyfunc.load_model(sys.argv[1]).predict(shuffled).tolist(),
                  mlflow.sklearn.load_model(sys.argv[1]).predict(X.head(3)).tolist()]))
"""


def in_mlflow(python: str, code: str, *arguments: str) -> str:
    environment = clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore")
    done = subprocess.run(
        [python, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("form", ["skops", "cloudpickle", "pickle"])
def test_ours_in_mlflow(mlflow_python: str, tmp_path: Path, form: str) -> None:
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    model = ElasticNet(alpha=0.1).fit(data, target)
    mlyard.sklearn.save_model(
        model,
        tmp_path / "m",
        serialization_format=form,
        signature=infer_signature(data, target),
        input_example=data.head(2),
    )
    by_name, plain = json.loads(in_mlflow(mlflow_python, LOAD, str(tmp_path / "m")).splitlines()[-1])
    assert by_name == plain == model.predict(data.head(3)).tolist()


@pytest.mark.parametrize("form", ["skops", "cloudpickle", "pickle"])
def test_mlflows_in_ours(mlflow_python: str, tmp_path: Path, form: str) -> None:
    in_mlflow(mlflow_python, SAVE, str(tmp_path / "m"), form)
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    expected = ElasticNet(alpha=0.1).fit(data, target).predict(data.head(3)).tolist()
    loaded = mlyard.pyfunc.load_model(str(tmp_path / "m"))
    assert loaded.predict(data[data.columns[::-1]].head(3)).tolist() == expected
    assert mlyard.sklearn.load_model(str(tmp_path / "m")).predict(data.head(3)).tolist() == expected
