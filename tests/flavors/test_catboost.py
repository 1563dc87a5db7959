"""What is CatBoost's alone: columns by name, categories, and which formats are read again."""

from __future__ import annotations

from pathlib import Path

import catboost
import numpy as np
import pandas as pd
import pytest
import yaml

import mlyard
from mlyard.core.errors import InvalidParameter
from mlyard.models import infer_signature
from tests.flavors.exchange import answer_of, model_of, save
from tests.flavors.trained.catboost import DATA, QUIET


def test_columns_are_matched_by_name_without_a_signature(tmp_path: Path) -> None:
    save("catboost", "regressor", tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert np.allclose(model.predict(DATA[""][["bp", "age", "bmi"]]), answer_of("catboost", "regressor"))
    with pytest.raises(InvalidParameter, match=r"missing inputs \['age'\]"):
        model.predict(DATA[""][["bp", "bmi"]])


def test_categories_and_params(tmp_path: Path) -> None:
    frame = pd.DataFrame({"colour": ["red", "blue", "red", "blue"] * 5, "size": range(20)})
    fitted = catboost.CatBoostClassifier(**QUIET, cat_features=["colour"]).fit(frame, [0, 1, 0, 1] * 5)
    signature = infer_signature(frame, params={"prediction_type": "Class"})
    mlyard.catboost.save_model(fitted, tmp_path / "m", signature=signature, pip_requirements=[])
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert model.predict(frame).tolist() == fitted.predict(frame).tolist()
    probabilities = model.predict(frame, params={"prediction_type": "Probability"})
    assert np.allclose(probabilities, fitted.predict_proba(frame))


def test_formats_that_cannot_be_read_again_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="cannot load models of the format 'cpp'"):
        mlyard.catboost.save_model(model_of("catboost", "plain"), tmp_path / "m", format="cpp")


def test_an_mlmodel_file_names_no_other_class(tmp_path: Path) -> None:
    save("catboost", "plain", tmp_path / "m")
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    content["flavors"]["catboost"]["model_type"] = "Pool"
    (tmp_path / "m" / "MLmodel").write_text(yaml.safe_dump(content))
    with pytest.raises(InvalidParameter, match="'Pool'"):
        mlyard.catboost.load_model(tmp_path / "m")
