"""LightGBM models: a ``Booster`` as LightGBM's text, its scikit-learn estimators as skops, pickle or cloudpickle."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.named_modules import modules_of_pickle, modules_of_skops
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.input.features import matched
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "lightgbm"
_FORMATS = ("skops", "cloudpickle", "pickle")
_BOOSTER_FILE = "model.lgb"
_DISTRIBUTIONS = ("lightgbm", "numpy", "pandas", "scipy")
_DISTRIBUTIONS_OF = {
    "skops": ("scikit-learn", "skops"),
    "cloudpickle": ("cloudpickle", "scikit-learn"),
    "pickle": ("scikit-learn",),
}
_KNOWN_TYPES = (
    # LightGBM's classes restore themselves from LightGBM's text, so they run no code from the file.
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMModel",
    "lightgbm.sklearn.LGBMRanker",
    "lightgbm.sklearn.LGBMRegressor",
    "collections.OrderedDict",
)


@document_save_options
def save_model(
    lgb_model: Any,
    path: str | Path,
    *,
    serialization_format: str | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a LightGBM model to a local folder.

    Args:
        lgb_model: A ``Booster``, or a fitted LightGBM estimator such as ``LGBMClassifier``.
        path: The folder to write, which must be new or empty.
        serialization_format: The format of estimators: ``"skops"``, ``"cloudpickle"`` or ``"pickle"``. Loading a pickle
            runs code. A ``Booster`` is always saved as LightGBM's text. Default: ``"skops"``.
        skops_trusted_types: Full names of types in the model that loading it with skops may create, in addition to
            those that are known to be safe. Default: none.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``lgb_model`` is not a supported model, or an argument is invalid.
        MissingExtra: LightGBM is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from lightgbm import LGBMRegressor
        >>> import mlyard
        >>> model = LGBMRegressor(min_child_samples=1, min_data_in_bin=1, verbose=-1).fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.lightgbm.save_model(model, "line")
        >>> mlyard.pyfunc.load_model("line").predict([[1.0]]).round().tolist()
        [1.0]
    """
    save(path, _writer(lgb_model, serialization_format, skops_trusted_types), options)


@document_log_options
def log_model(
    lgb_model: Any,
    artifact_path: str | None = None,
    *,
    serialization_format: str | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a LightGBM model to the active run, or to a new run if none is active.

    Args:
        lgb_model: A ``Booster``, or a fitted LightGBM estimator such as ``LGBMClassifier``.
        artifact_path: The older name of ``name``. Default: None.
        serialization_format: The format of estimators: ``"skops"``, ``"cloudpickle"`` or ``"pickle"``. Loading a pickle
            runs code. A ``Booster`` is always saved as LightGBM's text. Default: ``"skops"``.
        skops_trusted_types: Full names of types in the model that loading it with skops may create, in addition to
            those that are known to be safe. Default: none.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``lgb_model`` is not a supported model, or an argument is invalid.
        MissingExtra: LightGBM is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import numpy as np
        >>> from lightgbm import LGBMClassifier
        >>> import mlyard
        >>> data = np.arange(100.0).reshape(50, 2)
        >>> with mlyard.start_run():
        ...     model = LGBMClassifier(verbose=-1).fit(data, data[:, 0] > 50)
        ...     info = mlyard.lightgbm.log_model(model, name="large", registered_model_name="Large")
        >>> mlyard.pyfunc.load_model("models:/Large/1").predict([[90.0, 91.0]]).tolist()
        [True]
    """
    return log(artifact_path, _writer(lgb_model, serialization_format, skops_trusted_types), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a LightGBM model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The ``Booster`` or the estimator.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: LightGBM is not installed.

    Example:
        >>> import lightgbm
        >>> import numpy as np
        >>> import mlyard
        >>> data = np.arange(100.0).reshape(50, 2)
        >>> booster = lightgbm.train({"verbose": -1}, lightgbm.Dataset(data, data[:, 0]), num_boost_round=5)
        >>> mlyard.lightgbm.save_model(booster, "booster")
        >>> mlyard.lightgbm.load_model("booster").num_trees()
        5
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> LightGBMPredictor:
    """Load the model for python_function."""
    return LightGBMPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """A pickle always; a skops file only if it contains types that neither skops nor this flavor knows."""
    name = _file(folder)
    if name.endswith(".pkl"):
        return (Executable(name, "a pickle"),)
    if not name.endswith(".skops"):
        return ()
    untrusted = _untrusted(folder.file(name), ())
    return (Executable(name, f"it creates objects of {', '.join(untrusted)}"),) if untrusted else ()


def modules_of(folder: ModelFolder) -> set[str] | None:
    """The modules that the model's file names; None if they are only known after loading it."""
    file = folder.file(_file(folder))
    readers = {".pkl": modules_of_pickle, ".skops": modules_of_skops}
    return readers[file.suffix](file) if file.suffix in readers else {"lightgbm"}


class LightGBMPredictor:
    """Calls a model's ``predict``; columns are matched by name if the model was trained with names."""

    def __init__(self, model: Any) -> None:
        self._model = model
        is_booster = isinstance(model, need("lightgbm", FLAVOR).Booster)
        names = list(model.feature_name() if is_booster else model.feature_name_)
        # LightGBM gives these names to the columns of arrays.
        self._names = None if names == [f"Column_{number}" for number in range(len(names))] else names

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict for a data frame or an array; params are passed to the model's ``predict``."""
        if self._names is not None and hasattr(data, "columns"):
            # LightGBM replaces spaces in names by underscores.
            data = data.rename(columns=lambda name: name.replace(" ", "_") if isinstance(name, str) else name)
        return self._model.predict(matched(data, self._names), **(params or {}))

    def unwrap(self) -> Any:
        """The LightGBM model."""
        return self._model


def _writer(lgb_model: Any, form: str | None, trusted: Sequence[str] | None) -> WriteFlavor:
    if form not in (*_FORMATS, None):
        raise InvalidParameter(f"Unrecognized serialization format: {form}. Use one of {_FORMATS}.")
    form = form or "skops"

    def write(folder: Path) -> Flavored:
        lightgbm = need("lightgbm", FLAVOR)
        is_booster = isinstance(lgb_model, lightgbm.Booster)
        file = _BOOSTER_FILE if is_booster else _dump(lgb_model, folder, form, tuple(trusted or ()))
        if is_booster:
            lgb_model.save_model(folder / file)
        entry = {
            "data": file,
            "lgb_version": lightgbm.__version__,
            "model_class": f"{type(lgb_model).__module__}.{type(lgb_model).__qualname__}",
            "serialization_format": form,
            "skops_trusted_types": [*_KNOWN_TYPES, *(trusted or ())] if form == "skops" else None,
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={"loader_module": "mlflow.lightgbm", "data": file},
            distributions=_DISTRIBUTIONS if is_booster else (*_DISTRIBUTIONS, *_DISTRIBUTIONS_OF[form]),
            predictor=lambda: LightGBMPredictor(lgb_model),
        )

    return write


def _dump(model: Any, folder: Path, form: str, trusted: tuple[str, ...]) -> str:
    """Write an estimator and return the name of its file."""
    if not hasattr(model, "booster_"):
        raise InvalidParameter(
            f"A LightGBM model must be a Booster or a LightGBM estimator, not a {type(model).__name__}."
        )
    if form == "skops":
        need("skops.io", FLAVOR).dump(model, folder / "model.skops")
        untrusted = _untrusted(folder / "model.skops", trusted)
        if untrusted:
            raise InvalidParameter(
                f"The model contains types that are not known to be safe: {untrusted}. Trust them with "
                "skops_trusted_types=[…], or use serialization_format='cloudpickle', which runs code when it is loaded."
            )
        return "model.skops"
    import cloudpickle

    with (folder / "model.pkl").open("wb") as stream:
        (cloudpickle if form == "cloudpickle" else pickle).dump(model, stream)
    return "model.pkl"


def _untrusted(file: Path, trusted: tuple[str, ...]) -> list[str]:
    """The types in a skops file that neither skops nor this flavor knows to be safe."""
    try:
        found: list[str] = need("skops.io", FLAVOR).get_untrusted_types(file=file)
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InvalidParameter(f"The skops file {str(file)!r} cannot be read: {error}") from None
    return sorted(set(found) - {*_KNOWN_TYPES, *trusted})


def _file(folder: ModelFolder) -> str:
    """The name of the model's file."""
    return str(folder.entry(FLAVOR).get("data", _BOOSTER_FILE))


def _load(folder: ModelFolder) -> Any:
    lightgbm = need("lightgbm", FLAVOR)
    entry = folder.entry(FLAVOR)
    file = folder.file(_file(folder))
    if file.suffix == ".skops":
        _untrusted(file, ())  # raises InvalidParameter if this is not a skops file
        trusted = [*_KNOWN_TYPES, *(entry.get("skops_trusted_types") or ())]
        return need("skops.io", FLAVOR).load(file, trusted=trusted)
    if file.suffix != ".pkl":
        return lightgbm.Booster(model_file=file)
    with file.open("rb") as stream:
        return pickle.load(stream)  # noqa: S301 - models.load has checked that code may run
