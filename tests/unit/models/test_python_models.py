"""Models that are Python code: classes, functions, scripts and modules of the user's."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import mlyard
from mlyard.core.errors import InvalidParameter, PermissionDenied
from mlyard.models import infer_signature

FRAME = pd.DataFrame({"a": [1.0, 2.0]})
QUICK: Any = {"pip_requirements": []}
WITH_X = infer_signature(FRAME, params={"x": 0})


class WithContext(mlyard.pyfunc.PythonModel):
    def load_context(self, context: mlyard.pyfunc.PythonModelContext) -> None:
        self.factor = float(Path(context.artifacts["factor"]).read_text())

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        return model_input["a"] * self.factor + context.model_config["plus"] + (params or {}).get("more", 0)


class WithoutContext(mlyard.pyfunc.PythonModel):
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:  # type: ignore[override]
        return [len(model_input), params]


def test_a_class_with_artifacts_and_configuration(tmp_path: Path) -> None:
    (tmp_path / "factor.txt").write_text("3")
    mlyard.pyfunc.save_model(
        tmp_path / "m",
        python_model=WithContext(),
        artifacts={"factor": f"file:{tmp_path / 'factor.txt'}"},
        model_config={"plus": 1},
        signature=infer_signature(FRAME, params={"more": 0}),
        **QUICK,
    )
    (tmp_path / "factor.txt").unlink()
    loaded = mlyard.pyfunc.load_model(tmp_path / "m")
    assert loaded.predict(FRAME).tolist() == [4.0, 7.0]
    assert loaded.predict(FRAME, params={"more": 10}).tolist() == [14.0, 17.0]
    changed = mlyard.pyfunc.load_model(tmp_path / "m", model_config={"plus": 100, "unknown": 1})
    assert changed.predict(FRAME).tolist() == [103.0, 106.0]
    assert changed.model_config == {"plus": 100}


def test_predict_may_leave_out_the_context(tmp_path: Path) -> None:
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=WithoutContext(), signature=WITH_X, **QUICK)
    assert mlyard.pyfunc.load_model(tmp_path / "m").predict(FRAME, params={"x": 1}) == [2, {"x": 1}]


def test_a_function(tmp_path: Path) -> None:
    def double(model_input: Any) -> Any:
        return model_input * 2

    mlyard.pyfunc.save_model(tmp_path / "m", python_model=double, **QUICK)
    loaded = mlyard.pyfunc.load_model(tmp_path / "m")
    assert loaded.predict(FRAME)["a"].tolist() == [2.0, 4.0]
    assert isinstance(loaded.unwrap_python_model(), mlyard.pyfunc.PythonModel)


SCRIPT = """
import mlflow
from mlflow.models import ModelConfig, set_model

config = ModelConfig(development_config={"word": "developed"})

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [config.get("word")] * len(model_input)

set_model(Model())
"""


def test_a_script_written_for_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    mlyard.pyfunc.save_model(tmp_path / "m", python_model="script.py", model_config={"word": "saved"}, **QUICK)
    assert mlyard.pyfunc.load_model(tmp_path / "m").predict(FRAME) == ["saved"] * 2
    assert mlyard.pyfunc.load_model(tmp_path / "m", model_config={"word": "loaded"}).predict(FRAME) == ["loaded"] * 2
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    with pytest.raises(PermissionDenied, match=r"script\.py \(a Python script"):
        mlyard.pyfunc.load_model(tmp_path / "m")


def test_a_script_that_sets_no_model(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("x = 1")
    mlyard.pyfunc.save_model(tmp_path / "m", python_model="script.py", **QUICK)
    with pytest.raises(InvalidParameter, match="set_model"):
        mlyard.pyfunc.load_model(tmp_path / "m")


MODULE = """
from pathlib import Path

class Model:
    def __init__(self, text): self.text = text
    def predict(self, data): return [self.text] * len(data)

def _load_pyfunc(path):
    return Model(Path(path).read_text())
"""


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_module_of_the_users_own_each_model_with_its_own_code(tmp_path: Path, turn: str) -> None:
    (tmp_path / "loading").mkdir()
    (tmp_path / "loading" / "__init__.py").write_text(MODULE.replace("Path(path).read_text()", repr(turn)))
    (tmp_path / "data.txt").write_text("data")
    mlyard.pyfunc.save_model(tmp_path / "m", "loading", "data.txt", code_paths=["loading"], **QUICK)
    assert mlyard.pyfunc.load_model(tmp_path / "m").predict(FRAME) == [turn] * 2


def test_requirements_are_those_of_what_the_code_imports(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import yaml, pandas\nfrom mlyard.models import set_model\nset_model(lambda model_input: model_input)\n"
    )
    mlyard.pyfunc.save_model(tmp_path / "m", python_model="script.py")
    lines = (tmp_path / "m" / "requirements.txt").read_text().splitlines()
    assert [line.partition("==")[0] for line in lines] == ["cloudpickle", "pandas", "PyYAML"]


def test_what_cannot_be_loaded_is_saved_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "script.py").write_text("raise RuntimeError('not here')")
    mlyard.pyfunc.save_model(tmp_path / "m", python_model="script.py")
    assert "RuntimeError: not here" in caplog.text
    assert (tmp_path / "m" / "requirements.txt").read_text().startswith("cloudpickle==")


def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=WithoutContext(), **QUICK)
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    (tmp_path / "m" / "python_model.pkl").rename(tmp_path / "elsewhere.pkl")
    for name in ("../elsewhere.pkl", str(tmp_path / "elsewhere.pkl")):
        content["flavors"]["python_function"]["python_model"] = name
        (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
        with pytest.raises(InvalidParameter, match="points outside its folder"):
            mlyard.pyfunc.load_model(tmp_path / "m")


def test_type_hints_are_the_signature(tmp_path: Path) -> None:
    def shout(model_input: list[str]) -> list[str]:
        return [text.upper() for text in model_input]

    mlyard.pyfunc.save_model(tmp_path / "m", python_model=shout, input_example=["a"], **QUICK)
    loaded = mlyard.pyfunc.load_model(tmp_path / "m")
    assert loaded.metadata.is_signature_from_type_hint
    assert loaded.predict(["a", "b"]) == ["A", "B"]
    with pytest.raises(InvalidParameter, match="Item 1"):
        loaded.predict(["a", 2])


@pytest.mark.parametrize("form", ["class", "script"])
def test_the_signature_of_an_example(tmp_path: Path, form: str) -> None:
    class Sums(mlyard.pyfunc.PythonModel):
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input["a"] + params["more"]

    (tmp_path / "script.py").write_text(SCRIPT.replace("[config", "[str(params) + config"))
    model = Sums() if form == "class" else "script.py"
    mlyard.pyfunc.save_model(tmp_path / "m", python_model=model, input_example=(FRAME, {"more": 1.5}), **QUICK)
    loaded = mlyard.pyfunc.load_model(tmp_path / "m")
    assert loaded.signature == infer_signature(FRAME, loaded.predict(FRAME), {"more": 1.5})
    assert loaded.metadata.load_input_example_params(tmp_path / "m") == {"more": 1.5}


def test_an_answer_piece_by_piece(tmp_path: Path) -> None:
    class Streams(mlyard.pyfunc.PythonModel):
        def predict_stream(self, context: Any, model_input: Any, params: Any = None) -> Any:
            yield from (each * context.model_config["times"] for each in model_input)

    mlyard.pyfunc.save_model(
        tmp_path / "m", python_model=Streams(), model_config={"times": 2}, streamable=True, **QUICK
    )
    assert list(mlyard.pyfunc.load_model(tmp_path / "m").predict_stream(["a", "b"])) == ["aa", "bb"]


def test_that_a_model_says_mlflow_does_not_make_libraries_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries that find MLflow log to it by themselves; what is here is mlyard, under its name, for the model."""
    later = SCRIPT.replace(
        "return [", "import mlflow.pyfunc as late\n        return [late.PythonModel is not None and "
    )
    (tmp_path / "script.py").write_text(later)
    mlyard.pyfunc.save_model(tmp_path / "m", python_model="script.py", **QUICK)
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "probing.py").write_text("import importlib.util\nfound = importlib.util.find_spec('mlflow')\n")
    monkeypatch.syspath_prepend(str(library))
    loaded = mlyard.pyfunc.load_model(tmp_path / "m")
    assert importlib.import_module("probing").found is None
    assert loaded.predict(FRAME) == ["developed"] * 2
