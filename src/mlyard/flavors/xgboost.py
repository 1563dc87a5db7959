"""XGBoost models: a ``Booster``, or one of its scikit-learn estimators, in XGBoost's own file formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.input.features import matched
from mlyard.models.input.matrix import MatrixCall
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "xgboost"
_FORMATS = ("ubj", "json")
_BOOSTER = "xgboost.core.Booster"
_DISTRIBUTIONS = ("numpy", "pandas", "scipy", "xgboost")


@document_save_options
def save_model(xgb_model: Any, path: str | Path, *, model_format: str = "ubj", **options: Unpack[SaveOptions]) -> None:
    """Save an XGBoost model to a local folder.

    Args:
        xgb_model: A ``Booster``, or a fitted XGBoost estimator such as ``XGBClassifier``.
        path: The folder to write, which must be new or empty.
        model_format: The file format: ``"ubj"`` (binary JSON) or ``"json"``. Default: ``"ubj"``.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``xgb_model`` is not a supported model, or an argument is invalid.
        MissingExtra: XGBoost is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from xgboost import XGBRegressor
        >>> import mlyard
        >>> model = XGBRegressor().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.xgboost.save_model(model, "line", model_format="json")
        >>> mlyard.pyfunc.load_model("line").predict([[1.0]]).round().tolist()
        [1.0]
    """
    save(path, _writer(xgb_model, model_format), options)


@document_log_options
def log_model(
    xgb_model: Any, artifact_path: str | None = None, *, model_format: str = "ubj", **options: Unpack[LogOptions]
) -> ModelInfo:
    """Log an XGBoost model to the active run, or to a new run if none is active.

    Args:
        xgb_model: A ``Booster``, or a fitted XGBoost estimator such as ``XGBClassifier``.
        artifact_path: The older name of ``name``. Default: None.
        model_format: The file format: ``"ubj"`` (binary JSON) or ``"json"``. Default: ``"ubj"``.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``xgb_model`` is not a supported model, or an argument is invalid.
        MissingExtra: XGBoost is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from xgboost import XGBRegressor
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     model = XGBRegressor().fit([[0.0], [1.0]], [0.0, 1.0])
        ...     info = mlyard.xgboost.log_model(model, name="line", registered_model_name="Line")
        >>> mlyard.pyfunc.load_model("models:/Line/1").predict([[1.0]]).round().tolist()
        [1.0]
    """
    return log(artifact_path, _writer(xgb_model, model_format), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load an XGBoost model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The ``Booster`` or the estimator; a subclass is loaded as the XGBoost class that it derives from.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: XGBoost is not installed.

    Example:
        >>> import xgboost
        >>> import mlyard
        >>> data = xgboost.DMatrix([[0.0], [1.0]], label=[0.0, 1.0])
        >>> mlyard.xgboost.save_model(xgboost.train({"max_depth": 1}, data, num_boost_round=50), "booster")
        >>> booster = mlyard.xgboost.load_model("booster")
        >>> booster.num_boosted_rounds(), booster.predict(data).round().tolist()
        (50, [0.0, 1.0])
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> XGBoostPredictor:
    """Load the model for python_function."""
    return XGBoostPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """No files: these formats contain only numbers and names."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Only XGBoost: its files name no other modules."""
    return {"xgboost"}


class XGBoostPredictor:
    """Calls a model's ``predict``; columns are matched by name if the model was trained with names."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._is_booster = isinstance(model, need("xgboost", FLAVOR).Booster)
        booster = model if self._is_booster else model.get_booster()
        self._names = booster.feature_names
        self.matrix = _matrix_call(booster, self._of_matrix)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict for a data frame or an array; params are passed to the model's ``predict``."""
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
    """How to call the model with a matrix; None for models with categorical features."""
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
    """The full name of the XGBoost class that the model is an instance of."""
    for kind in type(model).__mro__:
        if kind.__module__ in {"xgboost.core", "xgboost.sklearn"} and hasattr(kind, "load_model"):
            return f"{kind.__module__}.{kind.__qualname__}"
    raise InvalidParameter(f"An XGBoost model must be a Booster or an XGBoost estimator, not a {type(model).__name__}.")


def _load(folder: ModelFolder) -> Any:
    xgboost = need("xgboost", FLAVOR)
    entry = folder.entry(FLAVOR)
    full_name = str(entry.get("model_class", _BOOSTER))
    # The MLmodel file is untrusted, so it may name only classes of XGBoost.
    kind = getattr(xgboost, full_name.rpartition(".")[2], None)
    if not full_name.startswith("xgboost.") or not isinstance(kind, type) or not hasattr(kind, "load_model"):
        raise InvalidParameter(
            f"The model at {str(folder.path)!r} is a {full_name!r}, which is not a model class of XGBoost."
        )
    model = kind()
    model.load_model(folder.file(entry.get("data", "model.xgb")))
    return model
