"""Models that are Python code: a class with ``predict``, a function, a script, or a module that loads data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.models.custom import PythonModelContext, caller, model_of_function, own_predict
from mlyard.models.format.flavor import PYTHON_FUNCTION, Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.load import fetch
from mlyard.models.log import log
from mlyard.models.save import save
from mlyard.models.script import read_config, run_script
from mlyard.models.signature.type_hints import input_hint, signature_from_type_hints

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["log_model", "save_model"]

FLAVOR = PYTHON_FUNCTION
_FILE = "python_model.pkl"
_PICKLED, _SCRIPT = "mlflow.pyfunc.model", "mlflow.pyfunc.loaders.code_model"


@document_save_options
def save_model(
    path: str | Path,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    *,
    python_model: Any = None,
    artifacts: Mapping[str, str] | None = None,
    model_config: Mapping[str, Any] | str | Path | None = None,
    streamable: bool | None = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a model that is Python code to a local folder.

    Args:
        path: The folder to write, which must be new or empty.
        loader_module: The name of a Python module with a function ``_load_pyfunc(path)`` that returns an object with
            ``predict``. Default: None; then ``python_model`` is required.
        data_path: A file or folder to copy into the model, whose path ``_load_pyfunc`` receives. Default: None.
        python_model: The model, instead of ``loader_module``: a ``PythonModel`` or another object with ``predict``, a
            function, or the path of a Python script that calls ``set_model``. Default: None.
        artifacts: Paths or URIs of files and folders to copy into the model, by name. Default: none.
        model_config: The model's configuration, as a dict or the path of a YAML file. Default: none.
        streamable: Whether the model can stream its answers; recorded in the MLmodel file. Default: False.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: Neither or both of ``python_model`` and ``loader_module`` are given, or an argument is
            invalid.
        TypeError: An option is unknown.

    Example:
        >>> from statistics import fmean
        >>> import mlyard
        >>> mlyard.pyfunc.save_model("mean", python_model=fmean, pip_requirements=[])
        >>> mlyard.pyfunc.load_model("mean").predict([1.0, 2.0, 6.0])
        3.0
    """
    writer = _writer(loader_module, data_path, python_model, artifacts, model_config, streamable)
    save(path, writer, options)


@document_log_options
def log_model(
    artifact_path: str | None = None,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    *,
    python_model: Any = None,
    artifacts: Mapping[str, str] | None = None,
    model_config: Mapping[str, Any] | str | Path | None = None,
    streamable: bool | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a model that is Python code to the active run, or to a new run if none is active.

    Args:
        artifact_path: The older name of ``name``. Default: None.
        loader_module: The name of a Python module with a function ``_load_pyfunc(path)`` that returns an object with
            ``predict``. Default: None; then ``python_model`` is required.
        data_path: A file or folder to copy into the model, whose path ``_load_pyfunc`` receives. Default: None.
        python_model: The model, instead of ``loader_module``: a ``PythonModel`` or another object with ``predict``, a
            function, or the path of a Python script that calls ``set_model``. Default: None.
        artifacts: Paths or URIs of files and folders to copy into the model, by name. Default: none.
        model_config: The model's configuration, as a dict or the path of a YAML file. Default: none.
        streamable: Whether the model can stream its answers; recorded in the MLmodel file. Default: False.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: Neither or both of ``python_model`` and ``loader_module`` are given, or an argument is
            invalid.
        TypeError: An option is unknown.

    Example:
        >>> from statistics import median
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     info = mlyard.pyfunc.log_model(name="median", python_model=median, pip_requirements=[])
        >>> mlyard.pyfunc.load_model(info.model_uri).predict([1.0, 2.0, 6.0])
        2.0
    """
    writer = _writer(loader_module, data_path, python_model, artifacts, model_config, streamable)
    return log(artifact_path, writer, options)


def load_predictor(folder: ModelFolder) -> PythonPredictor:
    """Load the pickle or run the script, for python_function."""
    entry = folder.entry(FLAVOR)
    config = folder.value(FLAVOR, "config", dict) or {}
    named = folder.value(FLAVOR, "artifacts", dict) or {}
    artifacts = {str(name): str(folder.file(_path_of(artifact))) for name, artifact in named.items()}
    if entry.get("model_code_path"):
        model = run_script(_script(folder), config, folder.modules)
    else:
        from mlyard.models import pickles  # it needs cloudpickle

        model = pickles.load(
            folder.file(entry.get("python_model", _FILE)),
            folder.value(FLAVOR, "python_model_compression", str),
            folder.modules,
        )
    return PythonPredictor(model, PythonModelContext(artifacts, config))


def _path_of(artifact: Any) -> Any:
    return artifact.get("path") if isinstance(artifact, dict) else artifact


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The pickle or the script; both run code."""
    entry = folder.entry(FLAVOR)
    if entry.get("model_code_path"):
        return (Executable(_script(folder).name, "a Python script that is the model"),)
    return (Executable(str(entry.get("python_model", _FILE)), "a pickle of a Python object"),)


class PythonPredictor:
    """Calls a Python model with its context."""

    def __init__(self, model: Any, context: PythonModelContext) -> None:
        self._model = model if hasattr(model, "predict") else model_of_function(model)
        self._context = context
        if hasattr(self._model, "load_context"):
            self._model.load_context(context)
        self._call = caller(self._model.predict)
        self.input_hint = input_hint(own_predict(self._model))

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer."""
        return self._call(self._context, data, params)

    def predict_stream(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer in parts."""
        return caller(self._model.predict_stream)(self._context, data, params)

    def unwrap(self) -> Any:
        """The Python model."""
        return self._model


def _script(folder: ModelFolder) -> Path:
    """The model's script. MLflow records the path that it had when the model was saved, so only its name is used."""
    return folder.file(Path(str(folder.entry(FLAVOR)["model_code_path"])).name)


def _writer(
    loader_module: str | None,
    data_path: str | Path | None,
    python_model: Any,
    artifacts: Mapping[str, str] | None,
    model_config: Mapping[str, Any] | str | Path | None,
    streamable: bool | None,
) -> WriteFlavor:
    if (loader_module is None) == (python_model is None):
        raise InvalidParameter("Pass either 'python_model', or 'loader_module' (with 'data_path').")
    config = {"config": read_config(model_config)} if model_config is not None else {}

    def write(folder: Path) -> Flavored:
        if loader_module is not None:
            entry, hints, predictor = _write_data(folder, loader_module, data_path), None, None
        else:
            entry = {**_write_model(folder, python_model, artifacts or {}), **config}
            hints = None if _is_script(python_model) else signature_from_type_hints(own_predict(python_model))
            predictor = partial(_predictor_of, folder, python_model, entry)
        return Flavored(
            name=FLAVOR,
            entry=None,
            python_function={**entry, **config, "streamable": bool(streamable)},
            distributions=("cloudpickle",),
            predictor=predictor,
            from_hints=hints,
        )

    return write


def _is_script(model: Any) -> bool:
    return isinstance(model, (str, Path))


def _predictor_of(folder: Path, model: Any, entry: Mapping[str, Any]) -> PythonPredictor:
    """The model that is being saved, with the current paths of its files."""
    config = entry.get("config") or {}
    artifacts = {name: str(folder / each["path"]) for name, each in (entry.get("artifacts") or {}).items()}
    if _is_script(model):
        model = run_script(folder / entry["model_code_path"], config)
    return PythonPredictor(model, PythonModelContext(artifacts, config))


def _write_data(folder: Path, loader_module: str, data_path: str | Path | None) -> dict[str, Any]:
    if data_path is None:
        return {"loader_module": loader_module}
    return {"loader_module": loader_module, "data": _copy(data_path, folder / "data", folder)}


def _write_model(folder: Path, model: Any, artifacts: Mapping[str, str]) -> dict[str, Any]:
    import cloudpickle

    entry: dict[str, Any] = {"cloudpickle_version": cloudpickle.__version__}
    if artifacts:
        places = {name: _copy(uri, folder / "artifacts", folder) for name, uri in artifacts.items()}
        entry["artifacts"] = {name: {"path": places[name], "uri": str(uri)} for name, uri in artifacts.items()}
    if _is_script(model):
        script = Path(model)
        if script.suffix != ".py" or not script.is_file():
            raise InvalidParameter(f"There is no Python script at {str(script)!r} for python_model.")
        shutil.copy2(script, folder / script.name)
        return {**entry, "loader_module": _SCRIPT, "model_code_path": script.name}
    _dump(model, folder / _FILE)
    return {**entry, "loader_module": _PICKLED, "python_model": _FILE}


def _dump(model: Any, file: Path) -> None:
    from mlyard.models import pickles  # it needs cloudpickle

    if not hasattr(model, "predict"):
        if not callable(model):
            raise InvalidParameter(
                f"A python_model must have 'predict' or be a function, not a {type(model).__name__}."
            )
        model = model_of_function(model)
    pickles.dump(model, file)


def _copy(uri: str | Path, target: Path, folder: Path) -> str:
    """Copy a file or folder, given by path or URI, below ``target``, and return its path in the model's folder."""
    target.mkdir(exist_ok=True)
    place = fetch(uri)
    to = target / place.name
    if to.exists():
        raise InvalidParameter(f"Two artifacts of the model are named {place.name!r}.")
    if place.is_dir():
        shutil.copytree(place, to)
    else:
        shutil.copy2(place, to)
    return to.relative_to(folder).as_posix()
