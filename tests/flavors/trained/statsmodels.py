from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api
import statsmodels.formula.api
from sklearn.datasets import load_diabetes
from statsmodels.tsa.arima.model import ARIMA

X, Y = load_diabetes(return_X_y=True, as_frame=True)
X = statsmodels.api.add_constant(X[["age", "bmi"]])
DATA = {"": X.head(5), "series": pd.DataFrame({"start": [50], "end": [53]})}
NEEDS = {"numpy", "pandas", "scipy", "statsmodels"}
OPTIONS = {"formula": {"remove_data": True}}


def least_squares() -> Any:
    return statsmodels.api.OLS(Y, X).fit()


def formula() -> Any:
    return statsmodels.formula.api.ols("target ~ age + bmi", X.assign(target=Y)).fit()


def series() -> Any:
    return ARIMA(np.sin(np.arange(50.0)), order=(1, 0, 0)).fit()


MODELS = {"least squares": least_squares, "formula": formula, "series": series}
RUNS = {form: {"model.statsmodels"} for form in MODELS}


def ask(model: Any, data: Any) -> Any:
    return model.predict(start=50, end=53) if "start" in data else model.predict(data)
