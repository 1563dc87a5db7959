"""The way around the data frame answers what the way through it does, for every estimator that has it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler
from sklearn.utils import all_estimators

from mlyard.flavors.sklearn_rows import matrix_call

X, Y = load_iris(return_X_y=True, as_frame=True)
METHODS = ("predict", "predict_proba", "decision_function")
MODELS = {
    **dict(all_estimators(type_filter=["classifier", "regressor"])),
    "pipeline": lambda: make_pipeline(StandardScaler(), PolynomialFeatures(2), PCA(3), LogisticRegression()),
}


def fitted(name: str) -> Any:
    """The estimator with its defaults; None where it needs more than that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return MODELS[name]().fit(X, Y)
        except (TypeError, ValueError):
            return None


def quietly(call: Any, data: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(data)


def test_estimators_answer_a_matrix_as_they_answer_a_frame() -> None:
    compared = set()
    for name in MODELS:
        model = fitted(name)
        for method in METHODS:
            call = quietly(lambda _, m=model, n=method: matrix_call(m, n), None) if hasattr(model, method) else None
            if call is None:
                continue
            assert call.names == tuple(X.columns)
            for rows in (X.head(1), X.iloc[40:60]):
                expected = quietly(getattr(model, method), rows)
                assert np.array_equal(quietly(call.predict, rows.to_numpy()), expected), (name, method)
            compared.add(name)
    assert {"ElasticNet", "RandomForestClassifier", "HistGradientBoostingRegressor", "SVC", "pipeline"} <= compared
    assert len(compared) > 40


def test_rows_together_are_answered_as_rows_alone() -> None:
    for name in ("ElasticNet", "RandomForestClassifier", "SVC", "KNeighborsClassifier", "MLPClassifier", "pipeline"):
        call = matrix_call(fitted(name), "predict")
        assert call is not None
        together = call.predict(X.to_numpy())
        alone = [call.predict(row[None])[0] for row in X.to_numpy()]
        assert np.allclose(together, alone, rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(make_column_transformer((StandardScaler(), ["sepal length (cm)"])), LogisticRegression()),
        make_pipeline(FunctionTransformer(lambda frame: frame), LogisticRegression()),
        make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression()),
    ],
    ids=["columns by name", "any function", "frames inside"],
)
def test_models_that_may_need_names_keep_the_frame(model: Any) -> None:
    assert matrix_call(quietly(lambda data: model.fit(data, Y), X), "predict") is None


def test_the_model_itself_keeps_its_names() -> None:
    model = fitted("pipeline")
    matrix_call(model, "predict")
    assert list(model.feature_names_in_) == list(X.columns)
    assert list(model[0].feature_names_in_) == list(X.columns)
