"""A flavor of a third party's: models that name the nearest of some points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlyard.core.errors import InvalidParameter
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import document_log_options, document_save_options
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

FLAVOR = "centroids"  # the name of the entry point, and in MLmodel files
_FILE = "centroids.npy"


class Centroids:
    """The library's own class: ``points`` has one row per class."""

    def __init__(self, points: Any) -> None:
        self.points = np.asarray(points, dtype=float)

    def nearest(self, rows: Any) -> Any:
        """The number of the nearest point of each row."""
        return np.linalg.norm(np.asarray(rows)[:, None] - self.points, axis=2).argmin(axis=1)


@document_save_options
def save_model(model: Centroids, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """For users: save to a folder.

    Args:
        model: The model.
        path: The folder to write, which must be new or empty.
        **options: Options that all flavors share. The decorator adds them to this text.
    """
    save(path, _writer(model), options)


@document_log_options
def log_model(model: Centroids, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """For users: log to the active run.

    Args:
        model: The model.
        artifact_path: The older name of ``name``. Default: None.
        **options: Options that all flavors share. The decorator adds them to this text.

    Returns:
        The logged model.
    """
    return log(artifact_path, _writer(model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Centroids:
    """For users: load the model at a URI."""
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> Predictor:
    """For mlyard: load the object that ``mlyard.pyfunc.load_model(uri).predict(data)`` calls."""
    return Predictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """For mlyard: the files that run code when they are loaded. Without this function, all are assumed to."""
    return ()


class Predictor:
    """What ``load_predictor`` returns."""

    def __init__(self, model: Centroids) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The answer to a table."""
        return self._model.nearest(data)

    def unwrap(self) -> Centroids:
        """The library's own model."""
        return self._model


def _writer(model: Centroids) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        if not isinstance(model, Centroids):
            raise InvalidParameter(f"The model must be a Centroids object, not a {type(model).__name__}.")
        np.save(folder / _FILE, model.points)
        return Flavored(
            name=FLAVOR,
            entry={"data": _FILE},
            # The module that loads it: the value of the entry point.
            python_function={"loader_module": "mlyard_centroids", "data": _FILE},
            distributions=("mlyard-centroids", "numpy"),
            predictor=lambda: Predictor(model),
        )

    return write


def _load(folder: ModelFolder) -> Centroids:
    return Centroids(np.load(folder.file(folder.entry(FLAVOR)["data"]), allow_pickle=False))
