"""scikit-learn models that can be called with a plain matrix instead of a data frame with column names."""

from __future__ import annotations

import copy
from typing import Any

from mlyard.models.input.matrix import MatrixCall

# Methods of these modules treat each row independently and accept a matrix instead of a table.
_BY_ROW = {
    "discriminant_analysis", "ensemble", "kernel_ridge", "linear_model", "naive_bayes", "neighbors",
    "neural_network", "svm", "tree",
}  # fmt: skip
_SCALERS = {"MaxAbsScaler", "MinMaxScaler", "Normalizer", "PowerTransformer", "QuantileTransformer", "RobustScaler"}
_STEPS = _SCALERS | {"PCA", "PolynomialFeatures", "SimpleImputer", "StandardScaler", "SplineTransformer"}
_METHODS = {"decision_function", "predict", "predict_log_proba", "predict_proba"}


def matrix_call(model: Any, method: str) -> MatrixCall | None:
    """A call of the model on a matrix; None if the model needs a data frame.

    The model is copied without its feature names, because scikit-learn warns when a matrix lacks names it knows.
    """
    nameless = _nameless(model)
    names, width = getattr(model, "feature_names_in_", None), getattr(model, "n_features_in_", None)
    if nameless is None or width is None or method not in _METHODS:
        return None
    call = getattr(nameless, method)
    return MatrixCall(None if names is None else tuple(map(str, names)), int(width), call)


def _nameless(model: Any) -> Any:
    kind = type(model)
    package, _, rest = kind.__module__.partition(".")
    if package != "sklearn":
        return None
    if kind.__name__ == "Pipeline":
        steps = [(name, _nameless(step)) for name, step in model.steps]
        if any(step is None for _, step in steps):
            return None
        model = copy.copy(model)
        model.steps = steps
        return model
    if rest.partition(".")[0] not in _BY_ROW and kind.__name__ not in _STEPS:
        return None
    if hasattr(model, "_sklearn_output_config") or getattr(model, "is_categorical_", None) is not None:
        return None
    model = copy.copy(model)
    vars(model).pop("feature_names_in_", None)
    return model
