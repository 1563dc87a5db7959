"""What is statsmodels' alone: variables by name, formulas, periods of a series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api

import mlyard
from mlyard.core.errors import InvalidParameter
from tests.flavors.exchange import answer_of, model_of, save
from tests.flavors.trained.statsmodels import DATA, X, Y


@pytest.mark.parametrize("form", ["least squares", "formula"])
def test_variables_are_matched_by_name(form: str, tmp_path: Path) -> None:
    save("statsmodels", form, tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert np.allclose(model.predict(DATA[""][["bmi", "const", "age"]]), answer_of("statsmodels", form))


def test_a_variable_that_is_missing_is_named(tmp_path: Path) -> None:
    save("statsmodels", "least squares", tmp_path / "m")
    with pytest.raises(InvalidParameter, match=r"missing inputs \['const'\]"):
        mlyard.pyfunc.load_model(tmp_path / "m").predict(DATA[""][["bmi", "age"]])


def test_a_model_of_arrays_goes_by_order(tmp_path: Path) -> None:
    fitted = statsmodels.api.OLS(Y.to_numpy(), X.to_numpy()).fit()
    mlyard.statsmodels.save_model(fitted, tmp_path / "m", pip_requirements=[])
    answer = mlyard.pyfunc.load_model(tmp_path / "m").predict(X.to_numpy()[:5])
    assert np.allclose(answer, fitted.predict(X.to_numpy()[:5]))


def test_a_series_wants_one_period(tmp_path: Path) -> None:
    save("statsmodels", "series", tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    for frame in (pd.DataFrame({"a": [1]}), pd.DataFrame({"start": [1, 2], "end": [3, 4]})):
        with pytest.raises(InvalidParameter, match="one row with 'start' and 'end'"):
            model.predict(frame)


def test_the_data_can_be_left_out(tmp_path: Path) -> None:
    fitted = statsmodels.api.OLS(Y, X).fit()
    mlyard.statsmodels.save_model(fitted, tmp_path / "with", pip_requirements=[])
    mlyard.statsmodels.save_model(fitted, tmp_path / "without", remove_data=True, pip_requirements=[])
    sizes = {name: (tmp_path / name / "model.statsmodels").stat().st_size for name in ("with", "without")}
    assert sizes["without"] < sizes["with"]
    answer = mlyard.pyfunc.load_model(tmp_path / "without").predict(DATA[""])
    assert np.allclose(answer, answer_of("statsmodels", "least squares"))
    assert model_of("statsmodels", "least squares").model.exog is not None
