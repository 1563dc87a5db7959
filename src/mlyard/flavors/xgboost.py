"""XGBoost models: a ``Booster``, or one of its scikit-learn estimators, in XGBoost's own file formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.input.features import matched
from mlyard.models.input.matrix import MatrixCall
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "xgboost"
_FORMATS = ("ubj", "json")
_BOOSTER = "xgboost.core.Booster"
_DISTRIBUTIONS = ("numpy", "pandas", "scipy", "xgboost")


def save_model(xgb_model: Any, path: str | Path, *, model_format: str = "ubj", **options: Unpack[SaveOptions]) -> None:
    """Save a model to a new or empty folder; ``model_format``: ubj or json. Raises InvalidParameter."""
    save(path, _writer(xgb_model, model_format), options)


def log_model(
    xgb_model: Any, artifact_path: str | None = None, *, model_format: str = "ubj", **options: Unpack[LogOptions]
) -> ModelInfo:
    """Log a model to the active run below ``name`` (``artifact_path`` in older scripts); see ``save_model``."""
    return log(artifact_path, _writer(xgb_model, model_format), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """The XGBoost model itself. Raises DoesNotExist, InvalidParameter, PermissionDenied."""
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> XGBoostPredictor:
    """For python_function."""
    return XGBoostPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """None: these formats hold numbers and names alone."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """XGBoost alone: its files name no other."""
    return {"xgboost"}


class XGBoostPredictor:
    """Calls a model's ``predict``; a table's columns are matched by name where the model knows names."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._is_booster = isinstance(model, need("xgboost", FLAVOR).Booster)
        booster = model if self._is_booster else model.get_booster()
        self._names = booster.feature_names
        self.matrix = _matrix_call(booster, self._of_matrix)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to a data frame or an array; params are arguments of ``predict``."""
        data = matched(data, self._names)
        if self._is_booster:
            data = need("xgboost", FLAVOR).DMatrix(data, enable_categorical=True)
        return self._model.predict(data, **(params or {}))

    def unwrap(self) -> Any:
        """The XGBoost model."""
        return self._model

    def _of_matrix(self, matrix: Any) -> Any:
        if not self._is_booster:
            return self._model.predict(matrix)
        return self._model.predict(need("xgboost", FLAVOR).DMatrix(matrix, feature_names=self._names))


def _matrix_call(booster: Any, predict: Callable[[Any], Any]) -> MatrixCall | None:
    """The way past data frames, for models without categories."""
    if "c" in (booster.feature_types or ()):
        return None
    names = booster.feature_names
    return MatrixCall(tuple(names) if names else None, booster.num_features(), predict)


def _writer(xgb_model: Any, model_format: str) -> WriteFlavor:
    if model_format not in _FORMATS:
        raise InvalidParameter(f"Unrecognized model format: {model_format}. Use one of {_FORMATS}.")

    def write(folder: Path) -> Flavored:
        xgboost = need("xgboost", FLAVOR)
        kind = _class_of(xgb_model)
        file = f"model.{model_format}"
        xgb_model.save_model(folder / file)
        entry = {
            "data": file,
            "model_class": kind,
            "model_format": model_format,
            "xgb_version": xgboost.__version__,
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={"loader_module": "mlflow.xgboost", "data": file},
            distributions=_DISTRIBUTIONS if kind == _BOOSTER else (*_DISTRIBUTIONS, "scikit-learn"),
            predictor=lambda: XGBoostPredictor(xgb_model),
        )

    return write


def _class_of(model: Any) -> str:
    """The full name of a model's class, or of the class of XGBoost's that it comes from."""
    for kind in type(model).__mro__:
        if kind.__module__ in {"xgboost.core", "xgboost.sklearn"} and hasattr(kind, "load_model"):
            return f"{kind.__module__}.{kind.__qualname__}"
    raise InvalidParameter(f"An XGBoost model must be a Booster or an XGBoost estimator, not a {type(model).__name__}.")


def _load(folder: ModelFolder) -> Any:
    xgboost = need("xgboost", FLAVOR)
    entry = folder.entry(FLAVOR)
    full_name = str(entry.get("model_class", _BOOSTER))
    # Only XGBoost's own classes: the MLmodel file must not be able to name any other code.
    kind = getattr(xgboost, full_name.rpartition(".")[2], None)
    if not full_name.startswith("xgboost.") or not isinstance(kind, type) or not hasattr(kind, "load_model"):
        raise InvalidParameter(
            f"The model at {str(folder.path)!r} is a {full_name!r}, which is not a model class of XGBoost."
        )
    model = kind()
    model.load_model(folder.file(entry.get("data", "model.xgb")))
    return model
