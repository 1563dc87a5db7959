"""Calls the models of any library in the same way: as a function of data."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from mlyard.core.errors import InvalidParameter, NotSupported
from mlyard.core.yaml_files import read_mapping
from mlyard.models import mlflow_names
from mlyard.models.body.read import Payload
from mlyard.models.custom import takes_params
from mlyard.models.format.flavor import PYTHON_FUNCTION, Flavor, Predictor, flavor_of_loader
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.metadata import MLmodel
from mlyard.models.format.requirements import CONDA_FILE, REQUIREMENTS_FILE, requirements_of_conda
from mlyard.models.input.matrix import MatrixCall, MatrixPath, matrix_path
from mlyard.models.input.table import enforce
from mlyard.models.load import fetch, open_folder
from mlyard.models.script import overridden, read_config
from mlyard.models.signature.params import enforce_params
from mlyard.models.signature.type_hints import held_to_hint

__all__ = ["PyFuncModel", "get_model_dependencies", "load_model"]

FLAVOR = PYTHON_FUNCTION


class PyFuncModel:
    """A loaded model of any flavor, as ``load_model`` returns it.

    Args:
        metadata: The content of the model's MLmodel file.
        predictor: The model as its flavor loaded it.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "any")
        >>> model = mlyard.pyfunc.load_model("any")
        >>> model.loader_module, type(model.get_raw_model()).__name__
        ('mlflow.sklearn', 'LinearRegression')
        >>> model.predict([[2.0]]).round(3).tolist()
        [2.0]
    """

    def __init__(self, metadata: MLmodel, predictor: Predictor) -> None:
        self.metadata = metadata
        self.signature = metadata.signature
        self._predictor = predictor

    def predict(self, data: Any, params: dict[str, Any] | None = None, *, from_json: bool = False) -> Any:
        """Predict.

        Args:
            data: The input. With a signature, its columns are matched by name, or by order if it has no names, and its
                values are cast without loss of information. Without one, it is passed on unchanged.
            params: Params of this call, by name. They are cast to the signature, its defaults are filled in, and params
                that it does not declare are dropped with a warning. Default: None.
            from_json: Whether ``data`` comes from JSON or CSV, which lack some types: strings of numbers and datetimes
                are then parsed according to the signature. Default: False.

        Returns:
            The predictions, in the type that the flavor returns: usually an array, a list or a data frame with one row
            per input row.

        Raises:
            InvalidParameter: The data or the params do not fit the signature.

        Example:
            >>> import pandas as pd
            >>> from sklearn.linear_model import LinearRegression
            >>> import mlyard
            >>> data = pd.DataFrame({"x": [0.0, 1.0, 2.0]})
            >>> mlyard.sklearn.save_model(LinearRegression().fit(data, [0.0, 2.0, 4.0]), "twice", input_example=data)
            >>> model = mlyard.pyfunc.load_model("twice")
            >>> model.predict(pd.DataFrame({"x": [3]})).round(3).tolist()
            [6.0]
        """
        hint = getattr(self._predictor, "input_hint", None)
        if hint is not None:
            data = held_to_hint(data, hint, from_json)
        elif self.signature and self.signature.inputs:
            data = enforce(data, self.signature.inputs, from_json)
        params = enforce_params(params, self.signature.params if self.signature else None)
        return self._predictor.predict(data, params)

    def answer(self, payload: Payload) -> Any:
        """Predict on a request's body. Raises the errors of ``predict``."""
        return self.predict(payload.data, payload.params, from_json=not payload.typed)

    def predict_stream(self, data: Any, params: dict[str, Any] | None = None) -> Iterator[Any]:
        """Predict and return the answer in parts.

        Args:
            data: The input, passed to the model unchanged.
            params: Params of this call, passed to the model unchanged. Default: None.

        Returns:
            An iterator over the parts of the answer.

        Raises:
            NotSupported: The model has no ``predict_stream``.
        """
        stream = getattr(self._predictor, "predict_stream", None)
        if stream is None:
            raise NotSupported(f"Models of {self.loader_module!r} cannot stream their answers: use predict().")
        pieces: Iterator[Any] = stream(data, params)
        return pieces

    def unwrap_python_model(self) -> Any:
        """The model as an object of its own library; for Python models, the ``PythonModel``."""
        return self._predictor.unwrap()

    get_raw_model = unwrap_python_model

    def matrix_path(self) -> MatrixPath | None:
        """How to pass rows of numbers to the model without a data frame; None if it needs a data frame.

        A flavor supports this if its predictor has an attribute ``matrix`` that is a MatrixCall.
        """
        call: MatrixCall | None = getattr(self._predictor, "matrix", None)
        if call is None or (self.signature and self.signature.params):
            return None
        return matrix_path(call, self.signature.inputs if self.signature else None)

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration that the model was saved with, updated by the one that it was loaded with."""
        return dict(self.metadata.flavors[FLAVOR].get("config") or {})

    @property
    def loader_module(self) -> str:
        """MLflow's name for the module that loads the model, such as ``mlflow.sklearn``."""
        return str(self.metadata.flavors[FLAVOR].get("loader_module"))

    @property
    def model_id(self) -> str | None:
        """The ID of the logged model; None if the model was only saved."""
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
    """Load a model of any flavor.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        suppress_warnings: Accepted for compatibility with MLflow, and ignored. Default: False.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.
        model_config: New values for keys of the configuration that the model was saved with, as a dict or as the path
            of a YAML file. Keys that the saved configuration does not have are ignored; a model that was saved without
            a configuration takes all of them. Default: None.

    Returns:
        The model, with the method ``predict``.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or lacks the python_function flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> mlyard.sklearn.save_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "loaded")
        >>> mlyard.pyfunc.load_model("loaded").predict([[2.0]]).round(3).tolist()
        [2.0]
    """
    return load_folder(fetch(model_uri, dst_path), model_config)


def load_folder(path: Path, model_config: Mapping[str, Any] | str | Path | None = None) -> PyFuncModel:
    """Load the model in a local folder."""
    folder = open_folder(path, FLAVOR)
    entry = folder.entry(FLAVOR)
    if model_config is not None:
        entry["config"] = overridden(entry.get("config"), read_config(model_config))
    return PyFuncModel(folder.mlmodel, _predictor(folder, flavor_of_loader(str(entry.get("loader_module", "")))))


def _predictor(folder: ModelFolder, flavor: Flavor | None) -> Predictor:
    if flavor is None:
        return load_own(folder)
    if folder.modules is None or flavor.FLAVOR == FLAVOR:
        return flavor.load_predictor(folder)
    with folder.modules.imported():  # a library reads the model, and imports without asking the model
        return flavor.load_predictor(folder)


def load_own(folder: ModelFolder) -> Predictor:
    """Load a model with the module that its MLmodel file names, which must have ``_load_pyfunc(path)``."""
    entry = folder.entry(FLAVOR)
    name = folder.value(FLAVOR, "loader_module", str) or ""
    if not all(part.isidentifier() for part in name.split(".")):
        raise InvalidParameter(f"The model at {str(folder.path)!r} does not name a module that can load it: {name!r}.")
    try:
        with mlflow_names.provided(), folder.modules.imported() if folder.modules else nullcontext():
            module = importlib.import_module(name)
        load = module._load_pyfunc
    except (ImportError, ValueError, AttributeError) as error:
        raise InvalidParameter(
            f"The module {name!r} could not load the model at {str(folder.path)!r}: {error}"
        ) from None
    data = folder.file(entry["data"]) if entry.get("data") else folder.path
    return _Own(load(str(data)))


class _Own:
    """A model loaded by the user's own module: an object with ``predict(data)`` or ``predict(data, params)``."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._with_params = takes_params(model.predict)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        return self._model.predict(data, params=params) if self._with_params else self._model.predict(data)

    def unwrap(self) -> Any:
        return self._model


def get_model_dependencies(model_uri: str | Path, format: str = "pip") -> str:  # noqa: A002 - MLflow's name of it
    """Get the file with a model's requirements.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        format: ``"pip"`` for requirements.txt, ``"conda"`` for conda.yaml. Default: ``"pip"``.

    Returns:
        The path of the file, which is not deleted when the process ends.

    Raises:
        InvalidParameter: The format is unknown, or the model has no such file.
        DoesNotExist: There is no model at ``model_uri``.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> import mlyard
        >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> mlyard.sklearn.save_model(model, "needs", pip_requirements=["scikit-learn"])
        >>> with open(mlyard.pyfunc.get_model_dependencies("needs")) as file:
        ...     file.read().split()
        ['scikit-learn']
    """
    names = {"pip": REQUIREMENTS_FILE, "conda": CONDA_FILE}
    if format not in names:
        raise InvalidParameter(f"The format {format!r} is not supported: use 'pip' or 'conda'.")
    folder = fetch(model_uri, keep=True)  # the file may be used after this process has ended
    file = folder / names[format]
    if file.is_file():
        return str(file)
    return _from_conda(folder, file)


def _from_conda(folder: Path, file: Path) -> str:
    """Write the pip requirements of conda.yaml to a file, for models of MLflow before 1.14, which have only that."""
    conda = folder / CONDA_FILE
    if file.name != REQUIREMENTS_FILE or not conda.is_file():
        raise InvalidParameter(f"The model at {str(folder)!r} lists no requirements: {file.name} is missing.")
    found = Path(tempfile.mkdtemp(prefix="mlyard-"), REQUIREMENTS_FILE)
    lines = requirements_of_conda(read_mapping(conda, "conda environment")).lines
    found.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(found)
