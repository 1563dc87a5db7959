"""Keras 3 models, in Keras' own file format, on any backend."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "keras"
_DATA, _FILE, _MODULE_FILE = "data", "model.keras", "keras_module.txt"
_DISTRIBUTIONS = ("keras", "numpy", "pandas")
_BACKENDS = {"torch": "torch", "jax": "jax", "tensorflow": "tensorflow"}
_CLASSES_WITH_CODE = {"Lambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"}
"""Classes of Keras that contain functions or pickles."""


@document_save_options
def save_model(
    model: Any, path: str | Path, *, save_model_kwargs: Mapping[str, Any] | None = None, **options: Unpack[SaveOptions]
) -> None:
    """Save a Keras 3 model to a local folder.

    Args:
        model: The ``keras.Model``.
        path: The folder to write, which must be new or empty.
        save_model_kwargs: Arguments for the model's ``save`` method. Default: none.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``model`` is not a supported model, or an argument is invalid.
        MissingExtra: Keras is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> import mlyard
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> mlyard.keras.save_model(model, "linear")
        >>> mlyard.pyfunc.load_model("linear").predict(np.zeros((3, 2), dtype="float32")).shape
        (3, 1)
    """
    save(path, _writer(model, save_model_kwargs), options)


@document_log_options
def log_model(
    model: Any,
    artifact_path: str | None = None,
    *,
    save_model_kwargs: Mapping[str, Any] | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a Keras 3 model to the active run, or to a new run if none is active.

    Args:
        model: The ``keras.Model``.
        artifact_path: The older name of ``name``. Default: None.
        save_model_kwargs: Arguments for the model's ``save`` method. Default: none.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``model`` is not a supported model, or an argument is invalid.
        MissingExtra: Keras is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> import mlyard
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> with mlyard.start_run():
        ...     rows = np.zeros((3, 2), dtype="float32")
        ...     info = mlyard.keras.log_model(model, name="linear", input_example=rows)
        >>> info.signature.outputs
        [Tensor('float32', (-1, 1))]
    """
    return log(artifact_path, _writer(model, save_model_kwargs), options)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    load_model_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Load a Keras 3 model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.
        custom_objects: Classes and functions by the names under which the model refers to them. Default: none.
        load_model_kwargs: Further arguments for ``keras.models.load_model``, such as ``safe_mode``. Default: none.

    Returns:
        The Keras model.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: Keras is not installed.

    Example:
        >>> import keras
        >>> import mlyard
        >>> def half(x):
        ...     return x / 2
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, activation=half)])
        >>> mlyard.keras.save_model(model, "halves")
        >>> mlyard.keras.load_model("halves", custom_objects={"half": half}).output_shape
        (None, 1)
    """
    folder = open_model(model_uri, FLAVOR, dst_path)
    return _load(folder, custom_objects=dict(custom_objects or {}), **(load_model_kwargs or {}))


def load_predictor(folder: ModelFolder) -> KerasPredictor:
    """Load the model for python_function."""
    return KerasPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The model's file, if it names layers with code or classes that do not belong to Keras."""
    entry = folder.entry(FLAVOR)
    if entry.get("save_exported_model"):
        return (Executable(f"{entry.get('data', _DATA)}/", "an exported program of TensorFlow"),)
    file = _file(folder)
    try:
        with zipfile.ZipFile(file) as archive:
            content = json.loads(archive.read("config.json"))
        found = sorted(set(_foreign(content)))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        found = ["a configuration that cannot be read"]
    name = file.relative_to(folder.path).as_posix()
    return (Executable(name, f"it creates {', '.join(found)}"),) if found else ()


def modules_of(folder: ModelFolder) -> set[str] | None:
    """Keras and its backend; None if the model contains code or classes of other modules."""
    backend = str(folder.entry(FLAVOR).get("keras_backend", ""))
    return None if executables(folder) else {"keras", *({_BACKENDS[backend]} if backend in _BACKENDS else ())}


class KerasPredictor:
    """Calls a model's ``predict``."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict: a data frame for a data frame, otherwise arrays; params are passed to the model's ``predict``."""
        import numpy as np
        import pandas as pd

        given = {"verbose": 0, **(params or {})}
        if isinstance(data, pd.DataFrame):
            return pd.DataFrame(self._model.predict(data.to_numpy(), **given), index=data.index)
        if isinstance(data, (dict, tuple)):
            return self._model.predict(data, **given)
        return self._model.predict(np.asarray(data), **given)

    def unwrap(self) -> Any:
        """The Keras model."""
        return self._model


def _writer(model: Any, save_kwargs: Mapping[str, Any] | None) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        keras = need("keras", FLAVOR)
        if not isinstance(model, keras.Model):
            raise InvalidParameter(f"The model must be a keras.Model, not a {type(model).__name__}.")
        (folder / _DATA).mkdir()
        model.save(folder / _DATA / _FILE, **(save_kwargs or {}))
        (folder / _DATA / _MODULE_FILE).write_text("keras", encoding="utf-8")
        entry = {
            "data": _DATA,
            "keras_backend": keras.backend.backend(),
            "keras_version": keras.__version__,
            "save_exported_model": False,
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={"loader_module": "mlflow.keras"},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: KerasPredictor(model),
        )

    return write


def _file(folder: ModelFolder) -> Path:
    entry = folder.entry(FLAVOR)
    if entry.get("save_exported_model"):
        raise InvalidParameter(
            f"The model at {str(folder.path)!r} is an exported program of TensorFlow, which mlyard cannot load. "
            "Save it with save_exported_model=False."
        )
    return folder.file(f"{entry.get('data', _DATA)}/{_FILE}")


def _load(folder: ModelFolder, **given: Any) -> Any:
    backend = str(folder.entry(FLAVOR).get("keras_backend", ""))
    if "keras" not in sys.modules and backend in _BACKENDS:
        # Keras reads its backend on import. A backend that the user has set is kept.
        os.environ.setdefault("KERAS_BACKEND", backend)
    return need("keras", FLAVOR).models.load_model(_file(folder), **given)


def _foreign(node: Any) -> Iterator[str]:
    """The classes in a configuration that contain code or do not belong to Keras."""
    if isinstance(node, dict):
        name = node.get("class_name")
        if isinstance(name, str) and "config" in node:
            module = str(node.get("module") or "keras")
            own = module.partition(".")[0] == "keras" or (module, name) == ("builtins", "function")
            if name in _CLASSES_WITH_CODE or not own or node.get("registered_name") not in (None, name):
                yield name
        for value in node.values():
            yield from _foreign(value)
    elif isinstance(node, list):
        for value in node:
            yield from _foreign(value)
