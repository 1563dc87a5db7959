"""Tiny models, really trained, of each flavor: here, and in a process of real MLflow's with the same libraries."""

from __future__ import annotations

import importlib
import json
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from mlyard.models.format.flavor import find_flavor
from tests.conftest import clean_environment
from tests.flavors.environments import FLAVORS, MLFLOW_PYTHON


def trained(flavor: str) -> ModuleType:
    """The module that makes a flavor's models.

    ``MODELS``: forms of models to functions that train them; ``DATA``: the input of a form, '': of all others;
    ``OPTIONS`` of ``save_model`` of a form; ``ask(model, data)``: the answer by the library's own means.
    """
    return importlib.import_module(f"tests.flavors.trained.{flavor}")


def data_of(flavor: str, form: str) -> Any:
    """The input of a form of models."""
    data = trained(flavor).DATA
    return data.get(form, data[""])


@cache
def model_of(flavor: str, form: str) -> Any:
    """A trained model."""
    return trained(flavor).MODELS[form]()


def answer_of(flavor: str, form: str) -> Any:
    """What the model answers by its library's own means."""
    return trained(flavor).ask(model_of(flavor, form), data_of(flavor, form))


def save(flavor: str, form: str, folder: Path, **options: Any) -> None:
    """Save a model with mlyard."""
    module: Any = find_flavor(flavor)
    given = {"pip_requirements": ["numpy"], **trained(flavor).OPTIONS.get(form, {}), **options}
    module.save_model(model_of(flavor, form), folder, **given)


def flavors_of(folder: Path) -> dict[str, Any]:
    """The flavors in an MLmodel file."""
    found: dict[str, Any] = yaml.safe_load((folder / "MLmodel").read_text())["flavors"]
    return found


def all_forms() -> list[tuple[str, str]]:
    """Each form of each flavor's models."""
    return [(flavor, form) for flavor in FLAVORS for form in trained(flavor).MODELS]


def with_mlflow(folder: Path) -> Any:
    """Let MLflow load what mlyard saves to ``folder/ours``, and save the same to ``folder/mlflows``; its answers."""
    assert MLFLOW_PYTHON.exists(), f"{MLFLOW_PYTHON} is missing: tools/flavor-environments makes it"
    for flavor, form in all_forms():
        save(flavor, form, folder / "ours" / flavor / form)
    program = str(Path(__file__).with_name("mlflow_side.py"))
    files = [str(trained(flavor).__file__) for flavor in FLAVORS]
    done = subprocess.run(
        [str(MLFLOW_PYTHON), program, str(folder / "ours"), str(folder / "mlflows"), *files],
        env=clean_environment(
            MLFLOW_DISABLE_TELEMETRY="true", PYTHONWARNINGS="ignore", PYSPARK_PYTHON=str(MLFLOW_PYTHON)
        ),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
