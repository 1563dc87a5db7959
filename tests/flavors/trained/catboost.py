from __future__ import annotations

from typing import Any

import catboost
from sklearn.datasets import load_diabetes, load_iris

X, Y = load_diabetes(return_X_y=True, as_frame=True)
X = X[["age", "bmi", "bp"]]
IRIS = load_iris()
DATA = {"": X.head(5), "classifier": IRIS.data[::30]}
NEEDS = {"numpy", "pandas", "catboost"}
RUNS: dict[str, set[str]] = {}
OPTIONS = {"classifier": {"format": "json", "pool": catboost.Pool(IRIS.data, IRIS.target)}}
QUIET = {"iterations": 3, "depth": 2, "verbose": False, "allow_writing_files": False}


def plain() -> Any:
    return catboost.CatBoost(QUIET).fit(X, Y)


def regressor() -> Any:
    return catboost.CatBoostRegressor(**QUIET).fit(X, Y)


def classifier() -> Any:
    return catboost.CatBoostClassifier(**QUIET).fit(IRIS.data, IRIS.target)


MODELS = {"plain": plain, "regressor": regressor, "classifier": classifier}


def ask(model: Any, data: Any) -> Any:
    return model.predict(data)
