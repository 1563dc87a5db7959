"""CatBoost models, in CatBoost's own file formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.input.features import matched
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "catboost"
_FILE = "model.cb"
_FORMATS = ("cbm", "json", "onnx", "coreml")
"""Those that CatBoost reads again."""
_TYPES = ("CatBoost", "CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor")
_DISTRIBUTIONS = ("catboost", "numpy", "pandas")


def save_model(
    cb_model: Any,
    path: str | Path,
    *,
    format: str = "cbm",  # noqa: A002 - CatBoost's name of it
    pool: Any = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a model to a new or empty folder.

    ``format``: cbm, json, onnx or coreml; ``pool``: the training data, which CatBoost wants for some of them.
    Raises InvalidParameter.
    """
    save(path, _writer(cb_model, format, pool), options)


def log_model(
    cb_model: Any,
    artifact_path: str | None = None,
    *,
    format: str = "cbm",  # noqa: A002 - CatBoost's name of it
    pool: Any = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a model to the active run below ``name`` (``artifact_path`` in older scripts); see ``save_model``."""
    return log(artifact_path, _writer(cb_model, format, pool), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """The CatBoost model itself. Raises DoesNotExist, InvalidParameter, PermissionDenied."""
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> CatBoostPredictor:
    """For python_function."""
    return CatBoostPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """None: these formats hold numbers and names alone."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """CatBoost alone: its files name no other."""
    return {"catboost"}


class CatBoostPredictor:
    """Calls a model's ``predict``; a table's columns are matched by name where the model knows names."""

    def __init__(self, model: Any) -> None:
        self._model = model
        names = list(model.feature_names_ or ())
        # The names that CatBoost makes up for arrays are numbers.
        self._names = None if names == [str(number) for number in range(len(names))] else names

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to a data frame or an array; params are arguments of ``predict``."""
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
    """The name of a model's class, or of the class of CatBoost's that it comes from."""
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
