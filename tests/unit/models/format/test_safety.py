"""Loading a model may run code: each flavor says which files do, and MLYARD_ALLOW_PICKLE=0 refuses them all.

A flavor that is registered has its rows here; one without fails the first test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import mlyard
from mlyard.core.errors import MlyardError, PermissionDenied
from mlyard.models import inspect_model
from mlyard.models.format.flavor import find_flavor, flavor_names
from tests.conftest import clean_environment
from tests.flavors.environments import ENVIRONMENTS

QUICK: Any = {"pip_requirements": []}
LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


@dataclass
class Bomb:
    """Makes a folder when it is unpickled."""

    mark: str

    def __reduce__(self) -> Any:
        return os.mkdir, (self.mark,)


@dataclass
class Row:
    """A form of a flavor's models: how one is made whose loading makes the folder ``mark``, if it runs code."""

    form: str
    save: Callable[[Path, Path], None]
    files: set[str]


def sklearn_pickle(form: str) -> Row:
    def save(folder: Path, mark: Path) -> None:
        model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        model.bomb = Bomb(str(mark))
        mlyard.sklearn.save_model(model, folder, serialization_format=form, **QUICK)

    return Row(form, save, {"model.pkl"})


def sklearn_trusting(folder: Path, mark: Path) -> None:
    """The MLmodel file itself says what to trust: an attacker's would trust anything."""
    model = make_pipeline(FunctionTransformer(np.trace), LINE)
    mlyard.sklearn.save_model(model, folder, skops_trusted_types=["numpy.trace"], **QUICK)


def sklearn_code(folder: Path, mark: Path) -> None:
    Path("mine").mkdir()
    Path("mine", "__init__.py").write_text("")
    mlyard.sklearn.save_model(LINE, folder, code_paths=["mine"], **QUICK)


def python_pickle(folder: Path, mark: Path) -> None:
    class Model(mlyard.pyfunc.PythonModel):
        bomb = Bomb(str(mark))

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input

    mlyard.pyfunc.save_model(folder, python_model=Model(), **QUICK)


def python_script(folder: Path, mark: Path) -> None:
    script = f"import os, mlyard.models\nos.mkdir({str(mark)!r})\nmlyard.models.set_model(lambda model_input: 1)\n"
    Path("script.py").write_text(script)
    mlyard.pyfunc.save_model(folder, python_model="script.py", **QUICK)


def python_module(folder: Path, mark: Path) -> None:
    Path("bombmodule.py").write_text(f"import os\nos.mkdir({str(mark)!r})\ndef _load_pyfunc(path): return 1\n")
    mlyard.pyfunc.save_model(folder, "bombmodule", code_paths=["bombmodule.py"], **QUICK)


ROWS: dict[str, list[Row]] = {
    "sklearn": [
        sklearn_pickle("pickle"),
        sklearn_pickle("cloudpickle"),
        Row("skops", lambda folder, _: mlyard.sklearn.save_model(LINE, folder, **QUICK), set()),
        Row("skops that trusts", sklearn_trusting, {"model.skops"}),
        Row("skops with code", sklearn_code, {"code/"}),
    ],
    "python_function": [
        Row("pickle", python_pickle, {"python_model.pkl"}),
        Row("script", python_script, {"script.py"}),
        Row("module", python_module, {"code/", "MLmodel"}),
    ],
}
ALL = [(flavor, row) for flavor, rows in ROWS.items() for row in rows]
IDS = [f"{flavor}: {row.form}" for flavor, row in ALL]


def test_every_flavor_has_its_rows() -> None:
    # Those whose libraries are not installed here have theirs in tests/flavors.
    elsewhere = {flavor for flavors in ENVIRONMENTS.values() for flavor in flavors}
    assert set(flavor_names()) == set(ROWS) | elsewhere


@pytest.mark.parametrize(("flavor", "row"), ALL, ids=IDS)
def test_what_runs_code_is_told_and_can_be_refused(
    flavor: str, row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "ran"
    row.save(tmp_path / "m", mark)
    mark.rmdir() if mark.exists() else None
    assert {each.file for each in inspect_model(tmp_path / "m")} == row.files
    assert not mark.exists()
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    if not row.files:
        mlyard.pyfunc.load_model(tmp_path / "m")
        return
    with pytest.raises(PermissionDenied, match="MLYARD_ALLOW_PICKLE=0"):
        mlyard.pyfunc.load_model(tmp_path / "m")
    module = find_flavor(flavor)
    if hasattr(module, "load_model"):
        with pytest.raises(PermissionDenied):
            module.load_model(tmp_path / "m")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("flavor", "row"), [pair for pair in ALL if pair[1].form in {"pickle", "cloudpickle", "script", "module"}]
)
def test_what_is_told_does_run(flavor: str, row: Row, tmp_path: Path) -> None:
    """The marks of the other test would be there: without the refusal, the code runs."""
    mark = tmp_path / "ran"
    row.save(tmp_path / "m", mark)
    if flavor == "sklearn":
        mlyard.sklearn.load_model(tmp_path / "m")
    elif row.form == "module":
        with pytest.raises(AttributeError):
            mlyard.pyfunc.load_model(tmp_path / "m")
    else:
        mlyard.pyfunc.load_model(tmp_path / "m")
    assert mark.is_dir()


def test_a_pickle_that_says_it_is_skops_is_not_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sklearn_pickle("pickle").save(tmp_path / "m", tmp_path / "ran")
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    content["flavors"]["sklearn"]["serialization_format"] = "skops"
    (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    with pytest.raises(MlyardError, match="cannot be read"):
        mlyard.sklearn.load_model(tmp_path / "m")
    assert not (tmp_path / "ran").exists()


def test_a_flavor_that_nobody_knows_is_taken_to_run_code(tmp_path: Path) -> None:
    mlyard.sklearn.save_model(LINE, tmp_path / "m", **QUICK)
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    content["flavors"]["strange"] = {"data": "model.bin"}
    content["flavors"]["python_function"]["loader_module"] = "mlflow.strange"
    (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
    assert len(inspect_model(tmp_path / "m")) == 2


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "link"])
@pytest.mark.parametrize("field", ["pickled_model", "code"])
def test_paths_of_an_mlmodel_file_stay_in_its_folder(tmp_path: Path, name: str, field: str) -> None:
    mlyard.sklearn.save_model(LINE, tmp_path / "m", **QUICK)
    (tmp_path / "m" / "link").symlink_to("/etc")
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    content["flavors"]["sklearn"][field] = name
    (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
    for act in (mlyard.sklearn.load_model, inspect_model):
        with pytest.raises(MlyardError, match="points outside its folder"):
            act(tmp_path / "m")


def test_the_command_says_the_same(tmp_path: Path) -> None:
    python_script(tmp_path / "m", tmp_path / "ran")
    done = subprocess.run(
        [sys.executable, "-m", "mlyard", "models", "inspect", "-m", str(tmp_path / "m"), "--json"],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    assert [each["file"] for each in json.loads(done.stdout)] == ["script.py"]
    assert not (tmp_path / "ran").exists()
