"""What is Prophet's alone: the columns that it needs, and what cannot be saved or read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prophet import Prophet

import mlyard
from mlyard.core.errors import InvalidParameter
from tests.flavors.exchange import save
from tests.flavors.trained.prophet import DATA, PAST


def test_regressors_are_wanted_by_name(tmp_path: Path) -> None:
    fitted = Prophet(weekly_seasonality=False, daily_seasonality=False, uncertainty_samples=0)
    fitted.add_regressor("heat")
    past = PAST.assign(heat=np.arange(60.0) % 7)
    fitted.fit(past.assign(y=past["y"] + 3 * past["heat"]))
    mlyard.prophet.save_model(fitted, tmp_path / "m", pip_requirements=[])
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    with pytest.raises(InvalidParameter, match=r"missing inputs \['heat'\]"):
        model.predict(DATA[""])
    warm, cold = (model.predict(DATA[""].assign(heat=heat))["yhat"] for heat in (6.0, 0.0))
    assert np.allclose(warm - cold, 18, atol=1)


def test_times_are_wanted(tmp_path: Path) -> None:
    save("prophet", "plain", tmp_path / "m")
    model = mlyard.pyfunc.load_model(tmp_path / "m")
    assert len(model.predict({"ds": ["2024-03-01", "2024-03-02"]})) == 2
    with pytest.raises(InvalidParameter, match=r"missing inputs \['ds'\]"):
        model.predict(pd.DataFrame({"a": [1]}))


def test_a_model_that_was_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="cannot be saved"):
        mlyard.prophet.save_model(Prophet(), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    save("prophet", "plain", tmp_path / "m")
    (tmp_path / "m" / "model.pr").write_text("{")
    with pytest.raises(InvalidParameter, match="cannot be read"):
        mlyard.prophet.load_model(tmp_path / "m")
