"""scikit-learn models, as skops, pickle or cloudpickle."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.flavors.sklearn_rows import matrix_call
from mlyard.models.format.flavor import PYTHON_FUNCTION, Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.named_modules import modules_of_pickle, modules_of_skops
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.input.names import select_columns
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "sklearn"
_FORMATS = ("skops", "cloudpickle", "pickle")
_DISTRIBUTIONS = ("numpy", "pandas", "scikit-learn", "scipy")
_log = logger("sklearn")


@document_save_options
def save_model(
    sk_model: Any,
    path: str | Path,
    *,
    serialization_format: str | None = None,
    pyfunc_predict_fn: str = "predict",
    skops_trusted_types: Sequence[str] | None = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a scikit-learn model to a local folder.

    Args:
        sk_model: A fitted estimator, transformer or pipeline.
        path: The folder to write, which must be new or empty.
        serialization_format: ``"skops"``, ``"cloudpickle"`` or ``"pickle"``. Loading a pickle runs code. Default: skops
            if it supports the model, otherwise cloudpickle.
        pyfunc_predict_fn: The method that ``mlyard.pyfunc`` models and servers call. Default: ``"predict"``, or
            ``"transform"`` for a model without it.
        skops_trusted_types: Full names of types in the model that loading it with skops may create, in addition to
            those that skops knows to be safe. Default: none.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``sk_model`` is not a supported model, or an argument is invalid.
        TypeError: An option is unknown.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "saved-line")
        >>> mlyard.sklearn.load_model("saved-line").predict([[2.0]]).round(3).tolist()
        [2.0]
    """
    save(path, _writer(sk_model, serialization_format, pyfunc_predict_fn, skops_trusted_types), options)


@document_log_options
def log_model(
    sk_model: Any,
    artifact_path: str | None = None,
    *,
    serialization_format: str | None = None,
    pyfunc_predict_fn: str = "predict",
    skops_trusted_types: Sequence[str] | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a scikit-learn model to the active run, or to a new run if none is active.

    Args:
        sk_model: A fitted estimator, transformer or pipeline.
        artifact_path: The older name of ``name``. Default: None.
        serialization_format: ``"skops"``, ``"cloudpickle"`` or ``"pickle"``. Loading a pickle runs code. Default: skops
            if it supports the model, otherwise cloudpickle.
        pyfunc_predict_fn: The method that ``mlyard.pyfunc`` models and servers call. Default: ``"predict"``, or
            ``"transform"`` for a model without it.
        skops_trusted_types: Full names of types in the model that loading it with skops may create, in addition to
            those that skops knows to be safe. Default: none.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``sk_model`` is not a supported model, or an argument is invalid.
        TypeError: An option is unknown.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> with mlyard.start_run():
        ...     info = mlyard.sklearn.log_model(model, name="line", registered_model_name="Line")
        >>> mlyard.sklearn.load_model(info.model_uri).predict([[2.0]]).round(3).tolist()
        [2.0]
    """
    writer = _writer(sk_model, serialization_format, pyfunc_predict_fn, skops_trusted_types)
    return log(artifact_path, writer, options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a scikit-learn model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The estimator, transformer or pipeline.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "loaded-line")
        >>> mlyard.sklearn.load_model("loaded-line")
        LinearRegression()
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> SklearnPredictor:
    """Load the model for python_function."""
    method = folder.value(PYTHON_FUNCTION, "predict_fn", str) or "predict"
    model = _load(folder)
    if method.startswith("_") or not callable(getattr(model, method, None)):
        raise InvalidParameter(f"The model at {str(folder.path)!r} has no method {method!r}, so it cannot predict.")
    return SklearnPredictor(model, method)


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """A pickle always; a skops file only if it contains types that skops does not know to be safe."""
    name = str(folder.entry(FLAVOR).get("pickled_model", "model.pkl"))
    if _format(folder) != "skops":
        return (Executable(name, "a pickle"),)
    untrusted = _untrusted(folder.file(name))
    return (Executable(name, f"it creates objects of {', '.join(untrusted)}"),) if untrusted else ()


def _untrusted(file: Path) -> list[str]:
    try:
        found: list[str] = need("skops.io", "sklearn").get_untrusted_types(file=file)
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InvalidParameter(f"The skops file {str(file)!r} cannot be read: {error}") from None
    return found


def modules_of(folder: ModelFolder) -> set[str] | None:
    """The modules that the model's file names; None if they are only known after loading it."""
    file = folder.file(folder.entry(FLAVOR).get("pickled_model", "model.pkl"))
    return modules_of_skops(file) if _format(folder) == "skops" else modules_of_pickle(file)


class SklearnPredictor:
    """Calls one method of a model; columns are matched by name if the model was fitted with names."""

    def __init__(self, model: Any, method: str) -> None:
        self._model = model
        self._call = getattr(model, method)
        names = getattr(model, "feature_names_in_", None)
        self._names = None if names is None else [str(name) for name in names]
        self.matrix = matrix_call(model, method)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to a data frame or an array."""
        import numpy as np
        import pandas as pd

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


def _writer(
    sk_model: Any, serialization_format: str | None, predict_fn: str, trusted: Sequence[str] | None
) -> WriteFlavor:
    if serialization_format not in (*_FORMATS, None):
        raise InvalidParameter(f"Unrecognized serialization format: {serialization_format}. Use one of {_FORMATS}.")
    method = predict_fn if hasattr(sk_model, predict_fn) or predict_fn != "predict" else "transform"

    def write(folder: Path) -> Flavored:
        import sklearn

        form = _dump(sk_model, folder, serialization_format, list(trusted or ()))
        file = _file(form)
        entry = {
            "pickled_model": file,
            "sklearn_version": sklearn.__version__,
            "serialization_format": form,
            "skops_trusted_types": list(trusted) if trusted else None,
        }
        callable_ = {"predict_fn": method} if hasattr(sk_model, method) else {}
        return Flavored(
            name=FLAVOR,
            entry=entry,
            # MLflow and mlyard both load the model by this name.
            python_function={"loader_module": "mlflow.sklearn", "model_path": file, **callable_},
            distributions=_DISTRIBUTIONS if form == "pickle" else (*_DISTRIBUTIONS, form),
            predictor=lambda: SklearnPredictor(sk_model, method),
        )

    return write


def _file(form: str) -> str:
    return "model.skops" if form == "skops" else "model.pkl"


def _dump(model: Any, folder: Path, form: str | None, trusted: list[str]) -> str:
    """Write the model to a file and return the format that was used."""
    if form in (None, "skops"):
        problem = _dump_skops(model, folder / _file("skops"), trusted)
        if problem is None:
            return "skops"
        if form == "skops":
            raise InvalidParameter(f"The model cannot be saved as skops: {problem}.")
        _log.info("The model is saved as cloudpickle, which runs code when it is loaded: %s.", problem)
        form = "cloudpickle"
    import cloudpickle

    with (folder / _file(str(form))).open("wb") as stream:
        (cloudpickle if form == "cloudpickle" else pickle).dump(model, stream)
    return str(form)


def _dump_skops(model: Any, file: Path, trusted: list[str]) -> str | None:
    """Write a skops file. Returns None, or the reason why no file was written."""
    try:
        from skops.io import dumps, get_untrusted_types
    except ImportError:
        return "skops is not installed (pip install 'mlyard[sklearn]')"
    try:
        content = dumps(model)
        untrusted = sorted(set(get_untrusted_types(data=content)) - set(trusted))
    except Exception as error:  # noqa: BLE001 - skops raises errors of any kind for objects it does not support
        return f"skops cannot hold it ({error})"
    if untrusted:
        return (
            f"skops does not know these types to be safe: {untrusted!r}; list them in skops_trusted_types to trust them"
        )
    file.write_bytes(content)
    return None


def _format(folder: ModelFolder) -> str:
    form = folder.entry(FLAVOR).get("serialization_format") or "cloudpickle"
    if form not in _FORMATS:
        raise InvalidParameter(
            f"The model at {str(folder.path)!r} is saved as {form!r}; the supported formats are {', '.join(_FORMATS)}."
        )
    return str(form)


def _load(folder: ModelFolder) -> Any:
    need("sklearn", "sklearn")
    entry = folder.entry(FLAVOR)
    file = folder.file(entry.get("pickled_model", "model.pkl"))
    if _format(folder) == "skops":
        trusted = [str(name) for name in folder.value(FLAVOR, "skops_trusted_types", list) or ()]
        return need("skops.io", "sklearn").load(file, trusted=trusted)
    try:
        with file.open("rb") as stream:
            return pickle.load(stream)  # noqa: S301 - models.load has checked that code may run
    except (pickle.UnpicklingError, EOFError) as error:
        raise InvalidParameter(f"The pickle {str(file)!r} is damaged: {error}") from None
