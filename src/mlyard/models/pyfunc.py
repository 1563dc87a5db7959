"""Any model as a function of data, whatever library made it."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from mlyard.core.errors import InvalidParameter
from mlyard.models.enforce import enforce
from mlyard.models.matrix_path import MatrixCall, MatrixPath, matrix_path
from mlyard.models.mlmodel import MLmodel, read_mlmodel
from mlyard.models.model import fetch
from mlyard.models.params import enforce_params

FLAVOR = "python_function"
ENTRY_POINTS = "mlyard.flavors"
"""Packages add flavors by an entry point of this group: its name is the loader module's last part."""


class Predictor(Protocol):
    """What a flavor loads for python_function."""

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to ``data``."""

    def unwrap(self) -> Any:
        """The model as its own library knows it."""


class PyFuncModel:
    """A loaded model. Input is held to the signature, if the model has one."""

    def __init__(self, metadata: MLmodel, predictor: Predictor) -> None:
        self.metadata = metadata
        self.signature = metadata.get_signature()
        self._predictor = predictor

    def predict(self, data: Any, params: dict[str, Any] | None = None, *, from_json: bool = False) -> Any:
        """The model's answer. Raises InvalidParameter when the data does not fit.

        ``from_json``: the values come from JSON or CSV, which lack types; the signature says what they are.
        """
        if self.signature and self.signature.inputs:
            data = enforce(data, self.signature.inputs, from_json)
        params = enforce_params(params, self.signature.params if self.signature else None)
        return self._predictor.predict(data, params)

    def unwrap_python_model(self) -> Any:
        """The model as its own library knows it."""
        return self._predictor.unwrap()

    def matrix_path(self) -> MatrixPath | None:
        """How rows of numbers go into the model without a data frame; None: this model needs one.

        A flavor offers it by a predictor with the attribute ``matrix``, a MatrixCall or None.
        """
        call: MatrixCall | None = getattr(self._predictor, "matrix", None)
        if call is None or (self.signature and self.signature.params):
            return None
        return matrix_path(call, self.signature.inputs if self.signature else None)


def load_model(model_uri: str, suppress_warnings: bool = False, dst_path: str | None = None) -> PyFuncModel:
    """Load a model by any URI. Raises DoesNotExist, InvalidParameter."""
    return load_folder(fetch(model_uri, dst_path))


def load_folder(folder: Path) -> PyFuncModel:
    """Load the model in a folder on this machine."""
    metadata = read_mlmodel(folder)
    entry = metadata.flavors.get(FLAVOR)
    if not entry:
        raise InvalidParameter(f"The model at {str(folder)!r} cannot be called: it has no {FLAVOR} flavor.")
    flavor = _flavor(str(entry.get("loader_module", "")))
    predictor: Predictor = flavor.load_predictor(folder, metadata)
    return PyFuncModel(metadata, predictor)


def _flavor(loader_module: str) -> ModuleType:
    name = loader_module.rpartition(".")[2]
    found = entry_points(group=ENTRY_POINTS, name=name)
    if not found:
        known = sorted(point.name for point in entry_points(group=ENTRY_POINTS))
        raise InvalidParameter(f"Models of the loader {loader_module!r} are not supported; known flavors: {known}.")
    module: ModuleType = next(iter(found)).load()
    return module
