"""Models of XGBoost and PyTorch that MLflow 1.30.1 and 2.22.5 saved."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import mlyard
from mlyard.models.format.flavor import find_flavor
from tests.conftest import clean_environment
from tests.flavors.environments import FLAVORS, FOLDER, HERE, OLDER
from tests.flavors.exchange import answer_of, data_of, trained
from tests.flavors.mlflow_side import plain
from tests.flavors.test_both_ways import same

FORMS = [(flavor, form) for flavor, forms in OLDER.items() for form in forms if flavor in FLAVORS]
SAVE = """
import importlib, importlib.util, json, sys
for flavor, form, program in json.loads(sys.argv[1]):
    spec = importlib.util.spec_from_file_location("trained", program)
    trained = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trained)
    module = importlib.import_module(f"mlflow.{flavor}")
    module.save_model(trained.MODELS[form](), f"{sys.argv[2]}/{flavor}-{form}", pip_requirements=["numpy"])
"""


@pytest.fixture(scope="module", params=["1.30.1", "2.22.5"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that one release saved, in one process."""
    python = FOLDER / f"flavors-{HERE}-mlflow-{request.param}" / "bin" / "python"
    assert python.exists(), f"{python} is missing: tools/flavor-environments makes it"
    folder = tmp_path_factory.mktemp("saved")
    wanted = [(flavor, form, str(trained(flavor).__file__)) for flavor, form in FORMS]
    done = subprocess.run(
        [str(python), "-c", SAVE, json.dumps(wanted), str(folder)],
        env=clean_environment(MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(("flavor", "form"), FORMS)
def test_older_models_are_loaded(saved: Path, flavor: str, form: str) -> None:
    module: Any = find_flavor(flavor)
    model, data, expected = saved / f"{flavor}-{form}", data_of(flavor, form), plain(answer_of(flavor, form))
    assert same(plain(trained(flavor).ask(module.load_model(model), data)), expected)
    assert same(plain(mlyard.pyfunc.load_model(model).predict(data)), expected)
