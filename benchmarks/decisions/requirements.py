"""ADR 0015: saving a scikit-learn model while its requirements are found out, beside MLflow 3.17.2."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import interleaved, table

ROOT = Path(__file__).parent.parent.parent
MLFLOW = ROOT / ".cache/mlflow-3.17.2/bin/python"
SAVE = """
import logging, sys, tempfile, time, warnings
warnings.simplefilter("ignore")
import {module} as library, {module}.sklearn
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
X, y = load_diabetes(return_X_y=True, as_frame=True)
model = ElasticNet().fit(X, y)
{before}
with tempfile.TemporaryDirectory() as folder:
    start = time.perf_counter()
    library.sklearn.save_model(model, folder + "/m", serialization_format="skops", input_example=X.head(2))
    print(time.perf_counter() - start)
"""
# What the model's file says is not asked, so that it is loaded in a clean process.
LOADED = "import mlyard.models.dependencies as dependencies; dependencies._read = lambda folder: None"


def saving(python: str | Path, module: str, before: str = "") -> Callable[[], float]:
    """The seconds of ``save_model``, in an interpreter that has imported all that the user has."""

    def once() -> float:
        with tempfile.TemporaryDirectory() as folder:
            command = [str(python), "-c", SAVE.format(module=module, before=before)]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        return float(done.stdout.splitlines()[-1])

    return once


if __name__ == "__main__":
    found = interleaved(
        {
            "MLflow 3.17.2": saving(MLFLOW, "mlflow"),
            "mlyard, the model loaded in a clean process": saving(sys.executable, "mlyard", LOADED),
            "mlyard, the model's file read": saving(sys.executable, "mlyard"),
        },
        rounds=3,
    )
    table("save_model of an ElasticNet, skops", found, "s")
