"""scikit-learn models, as pickle or cloudpickle."""

from __future__ import annotations

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
from mlyard.flavors.sklearn_rows import matrix_call
from mlyard.models import model as models
from mlyard.models.enforce import select_columns
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
        self.matrix = matrix_call(model, method)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to a data frame or an array."""
        if isinstance(data, dict) or (isinstance(data, list) and data and isinstance(data[0], dict)):
            data = pd.DataFrame(data)
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
