"""scikit-learn models, as pickle or cloudpickle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import sklearn

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, PermissionDenied
from mlyard.models import model as models
from mlyard.models.enforce import select_columns
from mlyard.models.matrix_path import MatrixCall
from mlyard.models.mlmodel import MLmodel, read_mlmodel
from mlyard.models.signature import ModelSignature

FLAVOR = "sklearn"
_FILE = "model.pkl"
_FORMATS = ("cloudpickle", "pickle")
# The name by which both MLflow and mlyard load it.
_LOADER = "mlflow.sklearn"
_DISTRIBUTIONS = ("cloudpickle", "numpy", "pandas", "scikit-learn", "scipy")


def save_model(
    sk_model: Any,
    path: str | Path,
    serialization_format: str = "cloudpickle",
    signature: ModelSignature | None = None,
    input_example: Any = None,
    pip_requirements: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Save a model to a new or empty folder. Raises InvalidParameter."""
    options = models.ModelOptions(
        signature=signature, input_example=input_example, pip_requirements=pip_requirements, metadata=metadata
    )
    models.save(Path(path), _writer(sk_model, serialization_format), options)


def log_model(
    sk_model: Any,
    artifact_path: str | None = None,
    *,
    name: str | None = None,
    serialization_format: str = "cloudpickle",
    registered_model_name: str | None = None,
    signature: ModelSignature | None = None,
    input_example: Any = None,
    await_registration_for: float | None = None,
    pip_requirements: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> models.ModelInfo:
    """Log a model to the active run below ``name`` (``artifact_path`` in older scripts)."""
    options = models.ModelOptions(
        signature=signature, input_example=input_example, pip_requirements=pip_requirements, metadata=metadata
    )
    write = _writer(sk_model, serialization_format)
    return models.log(name or artifact_path or "model", write, options, registered_model_name)


def load_model(model_uri: str, dst_path: str | None = None) -> Any:
    """The scikit-learn model itself. Raises DoesNotExist, InvalidParameter, PermissionDenied."""
    folder = models.fetch(model_uri, dst_path)
    return _load(folder, read_mlmodel(folder))


def load_predictor(folder: Path, metadata: MLmodel) -> SklearnPredictor:
    """For python_function."""
    method = metadata.flavors["python_function"].get("predict_fn", "predict")
    return SklearnPredictor(_load(folder, metadata), str(method))


class SklearnPredictor:
    """Calls one method of a model; a table's columns are matched by name where the model knows names."""

    def __init__(self, model: Any, method: str) -> None:
        self._model = model
        self._call = getattr(model, method)
        names = getattr(model, "feature_names_in_", None)
        self._names = None if names is None else [str(name) for name in names]
        self.matrix = _matrix_call(model, method)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to a data frame or an array."""
        if isinstance(data, pd.DataFrame):
            data = self._by_name(data)
        elif self._names is not None:
            data = pd.DataFrame(np.asarray(data), columns=self._names)
        return self._call(data, **(params or {}))

    def unwrap(self) -> Any:
        """The scikit-learn model."""
        return self._model

    def _by_name(self, frame: pd.DataFrame) -> Any:
        if self._names is None:
            return frame.to_numpy() if _unnamed(frame) else frame
        if not _unnamed(frame):
            return select_columns(frame, self._names)
        if len(frame.columns) != len(self._names):
            raise InvalidParameter(f"The model takes {len(self._names)} columns; the input has {len(frame.columns)}.")
        return frame.set_axis(self._names, axis=1)


def _unnamed(frame: pd.DataFrame) -> bool:
    return all(isinstance(name, int) for name in frame.columns)


# Their methods treat each row by itself, and take a matrix in place of a table.
_BY_ROW = {
    "discriminant_analysis", "ensemble", "kernel_ridge", "linear_model", "naive_bayes", "neighbors",
    "neural_network", "svm", "tree",
}  # fmt: skip
_SCALERS = {"MaxAbsScaler", "MinMaxScaler", "Normalizer", "PowerTransformer", "QuantileTransformer", "RobustScaler"}
_STEPS = _SCALERS | {"PCA", "PolynomialFeatures", "SimpleImputer", "StandardScaler", "SplineTransformer"}
_METHODS = {"decision_function", "predict", "predict_log_proba", "predict_proba"}


def _matrix_call(model: Any, method: str) -> MatrixCall | None:
    """The model without its columns' names: given a matrix it has nothing to compare, and does not warn."""
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


def _writer(sk_model: Any, serialization_format: str) -> models.WriteFlavor:
    if serialization_format not in _FORMATS:
        raise InvalidParameter(f"Unrecognized serialization format: {serialization_format}. Use one of {_FORMATS}.")

    def write(folder: Path) -> models.Flavored:
        dump = cloudpickle.dump if serialization_format == "cloudpickle" else pickle.dump
        with (folder / _FILE).open("wb") as stream:
            dump(sk_model, stream)
        entry = {
            "pickled_model": _FILE,
            "sklearn_version": sklearn.__version__,
            "serialization_format": serialization_format,
            "code": None,
        }
        method = "predict" if hasattr(sk_model, "predict") else "transform"
        python_function = {"loader_module": _LOADER, "model_path": _FILE, "predict_fn": method}
        return models.Flavored(name=FLAVOR, entry=entry, python_function=python_function, distributions=_DISTRIBUTIONS)

    return write


def _load(folder: Path, metadata: MLmodel) -> Any:
    entry = metadata.flavors.get(FLAVOR)
    if entry is None:
        raise InvalidParameter(f"The model at {str(folder)!r} is no scikit-learn model: {sorted(metadata.flavors)}.")
    if entry.get("serialization_format") not in (*_FORMATS, None):
        raise InvalidParameter(
            f"The model at {str(folder)!r} is saved as {entry['serialization_format']!r}, which is not supported yet; "
            f"use one of {', '.join(_FORMATS)}."
        )
    if not settings.ALLOW_PICKLE.get():
        raise PermissionDenied(
            f"Loading the model at {str(folder)!r} would run a pickle's code, which "
            "MLYARD_ALLOW_PICKLE_DESERIALIZATION forbids here."
        )
    file = (folder / str(entry.get("pickled_model", _FILE))).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise InvalidParameter(f"The MLmodel file at {str(folder)!r} points outside its folder.")
    with file.open("rb") as stream:
        return cloudpickle.load(stream)
