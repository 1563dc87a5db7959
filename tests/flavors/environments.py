"""Which flavors are tested in which environment. ``tools/flavor-environments`` makes them.

Their libraries are large, so none of them lies in the environment that all else is tested in. In an environment's
own pytest, TEST_FLAVORS has its name; the tests of its flavors run then, and a library that is missing is an error.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ENVIRONMENTS = {
    "light": ("xgboost", "lightgbm", "catboost", "statsmodels", "onnx"),
    "torch": ("pytorch", "keras", "transformers", "sentence_transformers"),
    "heavy": ("prophet", "spacy", "spark"),
}
OLDER = {"xgboost": ("booster", "regressor"), "pytorch": ("pickle",)}
"""Flavors, and forms of their models, that are read from older releases of MLflow too."""
HERE = os.environ.get("TEST_FLAVORS", "")
FLAVORS = ENVIRONMENTS.get(HERE, ())
"""Those whose libraries are installed here."""
ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("TEST_FLAVORS_FOLDER", ROOT / ".cache"))
MLFLOW_PYTHON = FOLDER / f"flavors-{HERE}-mlflow" / "bin" / "python"
"""The interpreter of an environment with real MLflow 3.17.2 and the same libraries."""
LIBRARIES_WARN = "ignore:::(?!mlyard|tests)"
"""The warnings filter for tests that use the libraries: what they warn of among themselves is theirs."""

if HERE:  # read when the libraries are first used: Keras's backend, Spark's address and the interpreter of its workers
    os.environ |= {"KERAS_BACKEND": "torch", "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
