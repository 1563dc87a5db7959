from __future__ import annotations

from typing import Any

import lightgbm
from sklearn.datasets import load_diabetes, load_iris

X, Y = load_diabetes(return_X_y=True, as_frame=True)
X = X[["age", "bmi", "bp"]]
DATA = {"": X.head(5), "classifier": load_iris(as_frame=True).data[::30]}
NEEDS = {"numpy", "pandas", "scipy", "lightgbm"}
RUNS = {"pickle": {"model.pkl"}, "cloudpickle": {"model.pkl"}}
OPTIONS = {"pickle": {"serialization_format": "pickle"}, "cloudpickle": {"serialization_format": "cloudpickle"}}
# Ours has two more of LightGBM's own estimators.
ASIDE = {"skops_trusted_types"}


def booster() -> Any:
    return lightgbm.train({"verbose": -1, "num_leaves": 4}, lightgbm.Dataset(X, Y), num_boost_round=3)


def regressor() -> Any:
    return lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(X, Y)


def classifier() -> Any:
    iris = load_iris(as_frame=True)
    return lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(iris.data, iris.target)


MODELS = {
    "booster": booster,
    "regressor": regressor,
    "classifier": classifier,
    "pickle": regressor,
    "cloudpickle": regressor,
}


def ask(model: Any, data: Any) -> Any:
    return model.predict(data)
