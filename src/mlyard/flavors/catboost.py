"""CatBoost models, in CatBoost's own file formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.input.features import matched
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "catboost"
_FILE = "model.cb"
_FORMATS = ("cbm", "json", "onnx", "coreml")
"""The formats that CatBoost can both write and read."""
_TYPES = ("CatBoost", "CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor")
_DISTRIBUTIONS = ("catboost", "numpy", "pandas")


@document_save_options
def save_model(
    cb_model: Any,
    path: str | Path,
    *,
    format: str = "cbm",  # noqa: A002 - CatBoost's name for it
    pool: Any = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a CatBoost model to a local folder.

    Args:
        cb_model: A fitted ``CatBoost``, ``CatBoostClassifier``, ``CatBoostRanker`` or ``CatBoostRegressor``.
        path: The folder to write, which must be new or empty.
        format: The file format: ``"cbm"``, ``"json"``, ``"onnx"`` or ``"coreml"``. Default: ``"cbm"``.
        pool: The training data (``catboost.Pool``), which CatBoost needs to write some models as JSON. Default: None.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``cb_model`` is not a supported model, or an argument is invalid.
        MissingExtra: CatBoost is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from catboost import CatBoostRegressor
        >>> import mlyard
        >>> model = CatBoostRegressor(verbose=False).fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.catboost.save_model(model, "line", format="json")
        >>> mlyard.pyfunc.load_model("line").predict([[1.0]]).round().tolist()
        [1.0]
    """
    save(path, _writer(cb_model, format, pool), options)


@document_log_options
def log_model(
    cb_model: Any,
    artifact_path: str | None = None,
    *,
    format: str = "cbm",  # noqa: A002 - CatBoost's name for it
    pool: Any = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a CatBoost model to the active run, or to a new run if none is active.

    Args:
        cb_model: A fitted ``CatBoost``, ``CatBoostClassifier``, ``CatBoostRanker`` or ``CatBoostRegressor``.
        artifact_path: The older name of ``name``. Default: None.
        format: The file format: ``"cbm"``, ``"json"``, ``"onnx"`` or ``"coreml"``. Default: ``"cbm"``.
        pool: The training data (``catboost.Pool``), which CatBoost needs to write some models as JSON. Default: None.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``cb_model`` is not a supported model, or an argument is invalid.
        MissingExtra: CatBoost is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from catboost import CatBoostClassifier
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     model = CatBoostClassifier(iterations=10, verbose=False).fit([[0.0], [1.0]], ["low", "high"])
        ...     info = mlyard.catboost.log_model(model, name="levels", registered_model_name="Levels")
        >>> mlyard.pyfunc.load_model("models:/Levels/1").predict([[1.0]]).tolist()
        ['high']
    """
    return log(artifact_path, _writer(cb_model, format, pool), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a CatBoost model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The model; a subclass is loaded as the CatBoost class that it derives from.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: CatBoost is not installed.

    Example:
        >>> from catboost import CatBoostClassifier
        >>> import mlyard
        >>> model = CatBoostClassifier(iterations=10, verbose=False).fit([[0.0], [1.0]], ["low", "high"])
        >>> mlyard.catboost.save_model(model, "levels")
        >>> mlyard.catboost.load_model("levels").classes_.tolist()
        ['high', 'low']
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> CatBoostPredictor:
    """Load the model for python_function."""
    return CatBoostPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """No files: these formats contain only numbers and names."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Only CatBoost: its files name no other modules."""
    return {"catboost"}


class CatBoostPredictor:
    """Calls a model's ``predict``; columns are matched by name if the model was trained with names."""

    def __init__(self, model: Any) -> None:
        self._model = model
        names = list(model.feature_names_ or ())
        # CatBoost names the columns of arrays by their numbers.
        self._names = None if names == [str(number) for number in range(len(names))] else names

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict for a data frame or an array; params are passed to the model's ``predict``."""
        return self._model.predict(matched(data, self._names), **(params or {}))

    def unwrap(self) -> Any:
        """The CatBoost model."""
        return self._model


def _writer(cb_model: Any, form: str, pool: Any) -> WriteFlavor:
    if form not in _FORMATS:
        raise InvalidParameter(f"CatBoost cannot load models of the format {form!r}. Use one of {_FORMATS}.")

    def write(folder: Path) -> Flavored:
        catboost = need("catboost", FLAVOR)
        kind = _type_of(cb_model)
        cb_model.save_model(str(folder / _FILE), format=form, pool=pool)
        entry = {
            "catboost_version": catboost.__version__,
            "data": _FILE,
            "model_type": kind,
            "save_format": form,
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={"loader_module": "mlflow.catboost", "data": _FILE},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: CatBoostPredictor(cb_model),
        )

    return write


def _type_of(model: Any) -> str:
    """The name of the CatBoost class that the model is an instance of."""
    for kind in type(model).__mro__:
        if kind.__name__ in _TYPES and kind.__module__ == "catboost.core":
            return str(kind.__name__)
    raise InvalidParameter(f"A CatBoost model must be one of {', '.join(_TYPES)}, not a {type(model).__name__}.")


def _load(folder: ModelFolder) -> Any:
    catboost = need("catboost", FLAVOR)
    entry = folder.entry(FLAVOR)
    kind = str(entry.get("model_type", "CatBoost"))
    if kind not in _TYPES:
        raise InvalidParameter(f"The model at {str(folder.path)!r} is a {kind!r}; CatBoost has {', '.join(_TYPES)}.")
    model = getattr(catboost, kind)()
    return model.load_model(str(folder.file(entry.get("data", _FILE))), format=entry.get("save_format", "cbm"))
