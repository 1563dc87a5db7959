"""What is XGBoost's alone: columns by name, and whose classes an MLmodel file may name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost
import yaml

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.models import infer_signature
from tests.conftest import clean_environment
from tests.flavors.environments import ROOT
from tests.flavors.exchange import answer_of, data_of, model_of, save
from tests.flavors.trained.xgboost import DATA


@pytest.mark.parametrize("form", ["booster", "regressor"])
def test_columns_are_matched_by_name_without_a_signature(form: str, tmp_path: Path) -> None:
    mlyard.xgboost.save_model(model_of("xgboost", form), tmp_path / "m", pip_requirements=[])
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    frame = DATA[""]
    expected = answer_of("xgboost", form)
    assert np.allclose(model.predict(frame[["bp", "age", "bmi"]].assign(more=1.0)), expected)
    assert np.allclose(model.predict(frame.to_numpy()), expected)
    with pytest.raises(InvalidParameter, match=r"missing inputs \['bp'\]"):
        model.predict(frame[["age", "bmi"]])
    with pytest.raises(InvalidParameter, match="takes 3 columns; the input has 2"):
        model.predict(frame.to_numpy()[:, :2])


@pytest.mark.parametrize("form", ["booster", "regressor", "classifier"])
def test_a_matrix_gets_the_same_answers(form: str, tmp_path: Path) -> None:
    save("xgboost", form, tmp_path / "m")
    path = mlyard.pyfunc.load_model(tmp_path / "m").matrix_path()
    assert path is not None
    rows = np.asarray(data_of("xgboost", form))
    columns = None if form == "classifier" else ["bp", "age", "bmi"]
    matrix = path.rows(columns, (rows if columns is None else rows[:, [2, 0, 1]]).tolist())
    assert np.array_equal(path.predict(matrix), answer_of("xgboost", form))


def test_categories_take_a_data_frame(tmp_path: Path) -> None:
    frame = pd.DataFrame({"colour": pd.Categorical(["red", "blue"] * 10), "size": range(20)})
    fitted = xgboost.XGBRegressor(n_estimators=3, enable_categorical=True).fit(frame, [0.0, 1.0] * 10)
    mlyard.xgboost.save_model(fitted, tmp_path / "m", pip_requirements=[])
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert model.matrix_path() is None
    assert np.allclose(model.predict(frame), fitted.predict(frame))


def test_params_are_arguments_of_predict(tmp_path: Path) -> None:
    signature = infer_signature(DATA[""], params={"pred_leaf": False})
    save("xgboost", "booster", tmp_path / "m", signature=signature)
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert np.allclose(model.predict(DATA[""]), answer_of("xgboost", "booster"))
    assert model.predict(DATA[""], params={"pred_leaf": True}).shape == (5, 3)


@pytest.mark.parametrize("name", ["os.system", "xgboost.core.os.system", "xgboost.DMatrix", "xgboost.nothing"])
def test_an_mlmodel_file_names_no_other_class(name: str, tmp_path: Path) -> None:
    mlyard.xgboost.save_model(model_of("xgboost", "booster"), tmp_path / "m", pip_requirements=[])
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    content["flavors"]["xgboost"]["model_class"] = name
    (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
    with pytest.raises(InvalidParameter, match="not a model class of XGBoost"):
        mlyard.xgboost.load_model(tmp_path / "m")


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="Unrecognized model format: xml"):
        mlyard.xgboost.save_model(model_of("xgboost", "booster"), tmp_path / "m", model_format="xml")


def test_the_guides_example(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "guide" / "flavors.md").read_text()
    example = re.findall(r"```py\n(.*?)```", page, re.DOTALL)[0]
    subprocess.run([sys.executable, "-c", example], cwd=tmp_path, env=clean_environment(), check=True)
