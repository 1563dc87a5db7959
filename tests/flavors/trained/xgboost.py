from __future__ import annotations

from typing import Any

import xgboost
from sklearn.datasets import load_diabetes, load_iris

X, Y = load_diabetes(return_X_y=True, as_frame=True)
X = X[["age", "bmi", "bp"]]
DATA = {"": X.head(5), "classifier": load_iris().data[::30]}
NEEDS = {"numpy", "pandas", "scipy", "xgboost-cpu"}
RUNS: dict[str, set[str]] = {}
OPTIONS = {"booster as JSON": {"model_format": "json"}}


def booster() -> Any:
    return xgboost.train({"max_depth": 2}, xgboost.DMatrix(X, Y), num_boost_round=3)


def regressor() -> Any:
    return xgboost.XGBRegressor(n_estimators=3, max_depth=2).fit(X, Y)


def classifier() -> Any:
    iris = load_iris()
    return xgboost.XGBClassifier(n_estimators=3, max_depth=2).fit(iris.data, iris.target)


MODELS = {"booster": booster, "booster as JSON": booster, "regressor": regressor, "classifier": classifier}


def ask(model: Any, data: Any) -> Any:
    return model.predict(xgboost.DMatrix(data) if isinstance(model, xgboost.Booster) else data)
