"""Any model as a function of data, whatever library made it."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlyard.core.errors import InvalidParameter, NotSupported
from mlyard.models import mlflow_names
from mlyard.models.custom import takes_params
from mlyard.models.format.flavor import PYTHON_FUNCTION, Predictor, flavor_of_loader
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.metadata import MLmodel
from mlyard.models.format.requirements import CONDA_FILE, REQUIREMENTS_FILE, read_conda, requirements_of_conda
from mlyard.models.input.matrix import MatrixCall, MatrixPath, matrix_path
from mlyard.models.input.table import enforce
from mlyard.models.load import fetch, open_folder
from mlyard.models.script import overridden, read_config
from mlyard.models.signature.params import enforce_params
from mlyard.models.signature.type_hints import held_to_hint

__all__ = ["PyFuncModel", "get_model_dependencies", "load_model"]

FLAVOR = PYTHON_FUNCTION


class PyFuncModel:
    """A loaded model. Input is held to the signature, if the model has one."""

    def __init__(self, metadata: MLmodel, predictor: Predictor) -> None:
        self.metadata = metadata
        self.signature = metadata.signature
        self._predictor = predictor

    def predict(self, data: Any, params: dict[str, Any] | None = None, *, from_json: bool = False) -> Any:
        """The model's answer. Raises InvalidParameter when the data does not fit.

        ``from_json``: the values come from JSON or CSV, which lack types; the signature says what they are.
        """
        hint = getattr(self._predictor, "input_hint", None)
        if hint is not None:
            data = held_to_hint(data, hint, from_json)
        elif self.signature and self.signature.inputs:
            data = enforce(data, self.signature.inputs, from_json)
        params = enforce_params(params, self.signature.params if self.signature else None)
        return self._predictor.predict(data, params)

    def predict_stream(self, data: Any, params: dict[str, Any] | None = None) -> Iterator[Any]:
        """The model's answer, piece by piece. Raises NotSupported for a model that answers only as a whole."""
        stream = getattr(self._predictor, "predict_stream", None)
        if stream is None:
            raise NotSupported(f"Models of {self.loader_module!r} cannot stream their answers: use predict().")
        pieces: Iterator[Any] = stream(data, params)
        return pieces

    def unwrap_python_model(self) -> Any:
        """The model as its own library knows it."""
        return self._predictor.unwrap()

    get_raw_model = unwrap_python_model

    def matrix_path(self) -> MatrixPath | None:
        """How rows of numbers go into the model without a data frame; None: this model needs one.

        A flavor offers it by a predictor with the attribute ``matrix``, a MatrixCall or None.
        """
        call: MatrixCall | None = getattr(self._predictor, "matrix", None)
        if call is None or (self.signature and self.signature.params):
            return None
        return matrix_path(call, self.signature.inputs if self.signature else None)

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration that the model was saved with, and loaded with."""
        return dict(self.metadata.flavors[FLAVOR].get("config") or {})

    @property
    def loader_module(self) -> str:
        """The module that loads the model, by MLflow's name."""
        return str(self.metadata.flavors[FLAVOR].get("loader_module"))

    @property
    def model_id(self) -> str | None:
        """The logged model that this is."""
        return self.metadata.model_id

    def __repr__(self) -> str:
        of_run = f", run_id={self.metadata.run_id!r}" if self.metadata.run_id else ""
        return f"PyFuncModel(loader_module={self.loader_module!r}{of_run})"


def load_model(
    model_uri: str | Path,
    suppress_warnings: bool = False,
    dst_path: str | Path | None = None,
    model_config: Mapping[str, Any] | str | Path | None = None,
) -> PyFuncModel:
    """Load a model by any URI; ``model_config``: other values for keys of the configuration it was saved with.

    Raises DoesNotExist, InvalidParameter; DataLoss when files are not those that were logged; PermissionDenied
    when loading would run code and that is forbidden here.
    """
    return load_folder(fetch(model_uri, dst_path), model_config)


def load_folder(path: Path, model_config: Mapping[str, Any] | str | Path | None = None) -> PyFuncModel:
    """Load the model in a folder on this machine."""
    folder = open_folder(path, FLAVOR)
    entry = folder.entry(FLAVOR)
    if model_config is not None:
        entry["config"] = overridden(entry.get("config"), read_config(model_config))
    flavor = flavor_of_loader(str(entry.get("loader_module", "")))
    return PyFuncModel(folder.mlmodel, flavor.load_predictor(folder) if flavor else load_own(folder))


def load_own(folder: ModelFolder) -> Predictor:
    """Load a model by the module that it names: one with ``_load_pyfunc(path)``."""
    entry = folder.entry(FLAVOR)
    name = folder.value(FLAVOR, "loader_module", str) or ""
    if not all(part.isidentifier() for part in name.split(".")):
        raise InvalidParameter(f"The model at {str(folder.path)!r} does not name a module that can load it: {name!r}.")
    try:
        with mlflow_names.provided():
            module = importlib.import_module(name)
        load = module._load_pyfunc
    except (ImportError, ValueError, AttributeError) as error:
        raise InvalidParameter(
            f"The module {name!r} could not load the model at {str(folder.path)!r}: {error}"
        ) from None
    data = folder.file(entry["data"]) if entry.get("data") else folder.path
    return _Own(load(str(data)))


class _Own:
    """A model of a module of the user's: an object with ``predict(data)`` or ``predict(data, params)``."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._with_params = takes_params(model.predict)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        return self._model.predict(data, params=params) if self._with_params else self._model.predict(data)

    def unwrap(self) -> Any:
        return self._model


def get_model_dependencies(model_uri: str | Path, format: str = "pip") -> str:  # noqa: A002 - MLflow's name of it
    """The path of a file of what a model needs: ``pip``: requirements.txt, ``conda``: conda.yaml."""
    names = {"pip": REQUIREMENTS_FILE, "conda": CONDA_FILE}
    if format not in names:
        raise InvalidParameter(f"The format {format!r} is not supported: use 'pip' or 'conda'.")
    folder = fetch(model_uri, keep=True)  # the caller may use the file when this process has ended
    file = folder / names[format]
    if file.is_file():
        return str(file)
    return _from_conda(folder, file)


def _from_conda(folder: Path, file: Path) -> str:
    """Models of MLflow before 1.14 have conda.yaml alone."""
    conda = folder / CONDA_FILE
    if file.name != REQUIREMENTS_FILE or not conda.is_file():
        raise InvalidParameter(f"The model at {str(folder)!r} lists no requirements: {file.name} is missing.")
    found = Path(tempfile.mkdtemp(prefix="mlyard-"), REQUIREMENTS_FILE)
    lines = requirements_of_conda(read_conda(conda)).lines
    found.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(found)
