"""Saved models: the format, the signature's rules, columns by name, and pickles that are refused."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LinearRegression

import mlyard
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.models import infer_signature

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 5.0, 1.0]})


@pytest.fixture
def model() -> Any:
    return LinearRegression().fit(FRAME, FRAME["a"] * 2 + FRAME["b"] * 10)


def test_a_saved_model_predicts_what_the_model_predicts(model: Any, tmp_path: Path) -> None:
    mlyard.sklearn.save_model(model, tmp_path / "m", input_example=FRAME)
    loaded = mlyard.pyfunc.load_model(str(tmp_path / "m"))
    assert loaded.predict(FRAME).tolist() == model.predict(FRAME).tolist()
    assert isinstance(mlyard.sklearn.load_model(str(tmp_path / "m")), LinearRegression)


@pytest.mark.parametrize("with_signature", [True, False])
def test_columns_are_matched_by_name(model: Any, tmp_path: Path, with_signature: bool) -> None:
    signature = infer_signature(FRAME) if with_signature else None
    mlyard.sklearn.save_model(model, tmp_path / "m", signature=signature)
    loaded = mlyard.pyfunc.load_model(str(tmp_path / "m"))
    shuffled = FRAME[["b", "a"]].assign(unused=1)
    assert loaded.predict(shuffled).tolist() == model.predict(FRAME).tolist()
    with pytest.raises(InvalidParameter, match=r"missing inputs \['b'\]"):
        loaded.predict(FRAME[["a"]])


def test_without_names_order_rules(model: Any, tmp_path: Path) -> None:
    mlyard.sklearn.save_model(model, tmp_path / "m")
    loaded = mlyard.pyfunc.load_model(str(tmp_path / "m"))
    assert np.allclose(loaded.predict(FRAME.to_numpy()), model.predict(FRAME))


def test_the_signature_is_written_in_mlflows_form(model: Any, tmp_path: Path) -> None:
    mlyard.sklearn.save_model(model, tmp_path / "m", signature=infer_signature(FRAME, model.predict(FRAME)))
    content = yaml.safe_load((tmp_path / "m" / "MLmodel").read_text())
    assert content["signature"]["inputs"] == (
        '[{"type": "double", "name": "a", "required": true}, {"type": "double", "name": "b", "required": true}]'
    )
    assert content["signature"]["outputs"] == '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
    assert content["flavors"]["python_function"]["loader_module"] == "mlflow.sklearn"


def test_types_are_cast_without_loss_or_refused(model: Any, tmp_path: Path) -> None:
    whole = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    mlyard.sklearn.save_model(model, tmp_path / "m", signature=infer_signature(whole))
    loaded = mlyard.pyfunc.load_model(str(tmp_path / "m"))
    with pytest.raises(InvalidParameter, match=r"column a\. Can not safely convert float64 to long"):
        loaded.predict(FRAME)


def test_what_is_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(DoesNotExist, match="no MLmodel file"):
        mlyard.pyfunc.load_model(str(tmp_path))
    (tmp_path / "MLmodel").write_text("!!python/object/apply:os.system ['touch pwned']")
    with pytest.raises(InvalidParameter, match="not an MLmodel file"):
        mlyard.pyfunc.load_model(str(tmp_path))
    assert not (tmp_path / "pwned").exists()


def test_an_mlmodel_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}\nmlflow_version: null\nmetadata: {trained: 2026-01-31}\n")
    model = mlyard.models.Model.load(tmp_path)
    assert type(model) is mlyard.models.Model
    assert model.metadata == mlyard.models.get_model_info(tmp_path).metadata == {"trained": datetime.date(2026, 1, 31)}
    assert model.mlflow_version is None


def test_a_folder_in_use_is_not_overwritten(model: Any, tmp_path: Path) -> None:
    mlyard.sklearn.save_model(model, tmp_path / "m")
    with pytest.raises(InvalidParameter, match="not empty"):
        mlyard.sklearn.save_model(model, tmp_path / "m")
