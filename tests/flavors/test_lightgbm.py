"""What is LightGBM's alone: columns by name, names with spaces, and which types of a skops file are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from sklearn.base import BaseEstimator

import mlyard
from mlyard.core.errors import InvalidParameter, PermissionDenied
from tests.flavors.exchange import answer_of, model_of, save
from tests.flavors.trained.lightgbm import DATA, X, Y


@pytest.mark.parametrize("form", ["booster", "regressor"])
def test_columns_are_matched_by_name_without_a_signature(form: str, tmp_path: Path) -> None:
    """LightGBM itself, and so MLflow, goes by the order of columns and ignores their names."""
    save("lightgbm", form, tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert np.allclose(model.predict(DATA[""][["bp", "age", "bmi"]]), answer_of("lightgbm", form))
    with pytest.raises(InvalidParameter, match=r"missing inputs \['age'\]"):
        model.predict(DATA[""][["bp", "bmi"]])


@pytest.mark.filterwarnings("ignore:Found whitespace")
def test_names_with_spaces(tmp_path: Path) -> None:
    frame = X.set_axis(["the age", "bmi", "bp"], axis=1)
    fitted = lightgbm.train({"verbose": -1, "num_leaves": 4}, lightgbm.Dataset(frame, Y), num_boost_round=3)
    mlyard.lightgbm.save_model(fitted, tmp_path / "m", pip_requirements=[])
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(frame[["bp", "the age", "bmi"]])
    assert np.allclose(answer, fitted.predict(frame))


def test_a_model_of_arrays_goes_by_order(tmp_path: Path) -> None:
    fitted = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(X.to_numpy(), Y)
    mlyard.lightgbm.save_model(fitted, tmp_path / "m", pip_requirements=[])
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(X.to_numpy())
    assert np.allclose(answer, fitted.predict(X.to_numpy()))


class Mine(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A type that nobody knows as safe."""


def test_types_that_are_not_known_must_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model: Any = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(X, Y)
    model.mine = Mine()
    name = f"{Mine.__module__}.Mine"
    with pytest.raises(InvalidParameter, match="skops_trusted_types"):
        mlyard.lightgbm.save_model(model, tmp_path / "m")
    assert not (tmp_path / "m").exists()
    mlyard.lightgbm.save_model(model, tmp_path / "m", skops_trusted_types=[name], pip_requirements=[])
    assert isinstance(mlyard.lightgbm.load_model(tmp_path / "m").mine, Mine)
    monkeypatch.setenv("MLYARD_ALLOW_PICKLE", "0")
    with pytest.raises(PermissionDenied, match=r"model\.skops"):
        mlyard.lightgbm.load_model(tmp_path / "m")


def test_a_pickle_that_says_it_is_skops_is_not_unpickled(tmp_path: Path) -> None:
    save("lightgbm", "regressor", tmp_path / "m")
    save("lightgbm", "pickle", tmp_path / "pickle")
    (tmp_path / "m" / "model.skops").write_bytes((tmp_path / "pickle" / "model.pkl").read_bytes())
    with pytest.raises(InvalidParameter, match="cannot be read"):
        mlyard.lightgbm.load_model(tmp_path / "m")


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="Unrecognized serialization format: joblib"):
        mlyard.lightgbm.save_model(model_of("lightgbm", "regressor"), tmp_path / "m", serialization_format="joblib")
