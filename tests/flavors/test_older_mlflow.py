"""Models of XGBoost and PyTorch that MLflow 1.30.1 and 2.22.5 saved."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

import mlyard
from mlyard.models.flavor import find_flavor
from tests.conftest import clean_environment
from tests.flavors.environments import FLAVORS, FOLDER, HERE, OLDER
from tests.flavors.exchange import answer_of, data_of, trained
from tests.flavors.mlflow_side import plain
from tests.flavors.test_both_ways import same

FORMS = [(flavor, form) for flavor, forms in OLDER.items() for form in forms if flavor in FLAVORS]
SAVE = """
import importlib.util, sys, mlflow
program, flavor, form, folder = sys.argv[1:]
spec = importlib.util.spec_from_file_location("trained", program)
trained = importlib.util.module_from_spec(spec)
spec.loader.exec_module(trained)
__import__(f"mlflow.{flavor}")
getattr(mlflow, flavor).save_model(trained.MODELS[form](), folder, pip_requirements=["numpy"])
"""


@pytest.mark.parametrize("version", ["1.30.1", "2.22.5"])
@pytest.mark.parametrize(("flavor", "form"), FORMS)
def test_older_models_are_loaded(version: str, flavor: str, form: str, tmp_path: Path) -> None:
    python = FOLDER / f"flavors-{HERE}-mlflow-{version}" / "bin" / "python"
    assert python.exists(), f"{python} is missing: tools/flavor-environments makes it"
    done = subprocess.run(
        [str(python), "-c", SAVE, str(trained(flavor).__file__), flavor, form, str(tmp_path / "m")],
        env=clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    module: Any = find_flavor(flavor)
    expected = plain(answer_of(flavor, form))
    assert same(plain(trained(flavor).ask(module.load_model(tmp_path / "m"), data_of(flavor, form))), expected)
    assert same(plain(mlyard.pyfunc.load_model(tmp_path / "m").predict(data_of(flavor, form))), expected)
