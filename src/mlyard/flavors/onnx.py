"""ONNX models, run by ONNX Runtime."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    import pandas as pd
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "onnx"
_FILE, _WEIGHTS = "model.onnx", "model.onnx.data"
_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_SESSION_OPTIONS = (
    "enable_cpu_mem_arena",
    "enable_mem_pattern",
    "enable_mem_reuse",
    "execution_mode",
    "graph_optimization_level",
    "inter_op_num_threads",
    "intra_op_num_threads",
    "log_severity_level",
    "log_verbosity_level",
    "use_deterministic_compute",
)
"""The options that neither load code nor write files."""
_NAMES_A_FILE = re.compile("path|file|folder|dir|lib|plugin", re.IGNORECASE)
"""Settings with such names write files or load libraries, so models must not set them."""
_DTYPES = {"float16": "float16", "float": "float32", "double": "float64", "bool": "bool", "string": "object"}
"""Maps the type names of ONNX Runtime to those of numpy, where they differ."""
_DISTRIBUTIONS = ("numpy", "onnx", "onnxruntime", "pandas")


@document_save_options
def save_model(
    onnx_model: Any,
    path: str | Path,
    *,
    onnx_execution_providers: Sequence[Any] | None = None,
    onnx_session_options: Mapping[str, Any] | None = None,
    save_as_external_data: bool = True,
    **options: Unpack[SaveOptions],
) -> None:
    """Save an ONNX model to a local folder.

    Args:
        onnx_model: The model, an ``onnx.ModelProto``.
        path: The folder to write, which must be new or empty.
        onnx_execution_providers: The ONNX Runtime providers to try, in this order: names, or pairs of a name and a dict
            of options. Default: CUDA, then the CPU.
        onnx_session_options: Attributes of ONNX Runtime's ``SessionOptions`` by name, and ``extra_session_config`` with
            further entries. Options that name files or load code are refused. Default: none.
        save_as_external_data: Whether large weights go to a file of their own beside the model. Default: True.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``onnx_model`` is not a supported model, or an argument is invalid.
        MissingExtra: onnx or onnxruntime is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import numpy as np
        >>> import onnx
        >>> import mlyard
        >>> model = onnx.parser.parse_model('''
        ...     <ir_version: 9, opset_import: ["": 17]>
        ...     twice (float[N] x) => (float[N] y) { y = Add(x, x) }
        ... ''')
        >>> mlyard.onnx.save_model(model, "twice", onnx_session_options={"intra_op_num_threads": 1})
        >>> mlyard.pyfunc.load_model("twice").predict(np.array([1.0, 2.0], dtype="float32"))["y"].tolist()
        [2.0, 4.0]
    """
    writer = _writer(onnx_model, onnx_execution_providers, onnx_session_options, save_as_external_data)
    save(path, writer, options)


@document_log_options
def log_model(
    onnx_model: Any,
    artifact_path: str | None = None,
    *,
    onnx_execution_providers: Sequence[Any] | None = None,
    onnx_session_options: Mapping[str, Any] | None = None,
    save_as_external_data: bool = True,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log an ONNX model to the active run, or to a new run if none is active.

    Args:
        onnx_model: The model, an ``onnx.ModelProto``.
        artifact_path: The older name of ``name``. Default: None.
        onnx_execution_providers: The ONNX Runtime providers to try, in this order: names, or pairs of a name and a dict
            of options. Default: CUDA, then the CPU.
        onnx_session_options: Attributes of ONNX Runtime's ``SessionOptions`` by name, and ``extra_session_config`` with
            further entries. Options that name files or load code are refused. Default: none.
        save_as_external_data: Whether large weights go to a file of their own beside the model. Default: True.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``onnx_model`` is not a supported model, or an argument is invalid.
        MissingExtra: onnx or onnxruntime is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import numpy as np
        >>> import onnx
        >>> import mlyard
        >>> model = onnx.parser.parse_model('''
        ...     <ir_version: 9, opset_import: ["": 17]>
        ...     twice (float[N] x) => (float[N] y) { y = Add(x, x) }
        ... ''')
        >>> with mlyard.start_run():
        ...     info = mlyard.onnx.log_model(model, name="twice", input_example=np.array([1.0], dtype="float32"))
        >>> info.signature.inputs
        [Tensor('float32', (-1,))]
    """
    writer = _writer(onnx_model, onnx_execution_providers, onnx_session_options, save_as_external_data)
    return log(artifact_path, writer, options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load an ONNX model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The model, an ``onnx.ModelProto``.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: onnx or onnxruntime is not installed.

    Example:
        >>> import onnx
        >>> import mlyard
        >>> model = onnx.parser.parse_model('''
        ...     <ir_version: 9, opset_import: ["": 17]>
        ...     twice (float[N] x) => (float[N] y) { y = Add(x, x) }
        ... ''')
        >>> mlyard.onnx.save_model(model, "twice")
        >>> [node.op_type for node in mlyard.onnx.load_model("twice").graph.node]
        ['Add']
    """
    folder = open_model(model_uri, FLAVOR, dst_path)
    return need("onnx", FLAVOR).load(folder.file(folder.entry(FLAVOR).get("data", _FILE)))


def load_predictor(folder: ModelFolder) -> OnnxPredictor:
    """Load the model for python_function."""
    entry = folder.entry(FLAVOR)
    file = folder.file(entry.get("data", _FILE))
    return OnnxPredictor(str(file), entry.get("providers") or _PROVIDERS, entry.get("onnx_session_options") or {})


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """No files: the model is a graph of known operators."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """The libraries that read and run the file."""
    return {"onnx", "onnxruntime"}


class OnnxPredictor:
    """Runs a model in ONNX Runtime.

    The columns of a data frame are the model's inputs, or the features of its only input.
    """

    def __init__(self, model: str | bytes, providers: Sequence[Any], options: Mapping[str, Any]) -> None:
        runtime = need("onnxruntime", FLAVOR)
        there = runtime.get_available_providers()
        usable = [each for each in map(_provider, providers) if each[0] in there]
        self._session = runtime.InferenceSession(model, _session_options(options), providers=usable or there)
        self._inputs = self._session.get_inputs()
        self._outputs = [output.name for output in self._session.get_outputs()]

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict: a data frame with one column per output for a data frame, otherwise a dict of arrays by output."""
        import pandas as pd

        answers = self._session.run(self._outputs, self._feed(data))
        named = dict(zip(self._outputs, answers, strict=True))
        if not isinstance(data, pd.DataFrame):
            return named
        return pd.DataFrame({name: _column(values) for name, values in named.items()}, index=data.index)

    def unwrap(self) -> Any:
        """The ``InferenceSession``."""
        return self._session

    def _feed(self, data: Any) -> dict[str, Any]:
        import numpy as np
        import pandas as pd

        only = self._inputs[0] if len(self._inputs) == 1 else None
        if isinstance(data, pd.DataFrame) and only is not None and len(only.shape) != 1:
            data = {only.name: data.to_numpy()}
        elif isinstance(data, pd.DataFrame):
            data = {wanted.name: _values(data, wanted) for wanted in self._inputs}
        elif only is not None and not isinstance(data, dict):
            data = {only.name: np.asarray(data)}
        missing = [wanted.name for wanted in self._inputs if not isinstance(data, dict) or wanted.name not in data]
        if missing:
            raise InvalidParameter(f"Model is missing inputs {missing}: it takes a data frame or a dict of arrays.")
        return {wanted.name: _array(data[wanted.name], wanted) for wanted in self._inputs}


def _values(frame: pd.DataFrame, wanted: Any) -> Any:
    """A column as an array for the input ``wanted``, with a second dimension of size 1 if the input has two."""
    if wanted.name not in frame.columns:
        raise InvalidParameter(f"Model is missing inputs ['{wanted.name}']. The input has {list(frame.columns)}.")
    values = frame[wanted.name].to_numpy()
    return values.reshape(-1, 1) if len(wanted.shape) == 2 and values.ndim == 1 and values.dtype != object else values


def _array(values: Any, wanted: Any) -> Any:
    """Convert the values to the type and the number of dimensions that the input needs."""
    import numpy as np

    name = wanted.type.removeprefix("tensor(").removesuffix(")")
    array = np.asarray(values)
    if array.dtype == object and array.size and isinstance(array.flat[0], (list, np.ndarray)):
        array = np.stack([np.asarray(each) for each in array])
    if array.ndim == 1 and len(wanted.shape) == 2:
        array = array.reshape(-1, 1) if wanted.shape[1] == 1 else array.reshape(1, -1)
    try:
        array = array.astype(_DTYPES.get(name, name), casting="unsafe" if array.dtype == object else "same_kind")
    except (TypeError, ValueError) as error:
        raise InvalidParameter(f"The input {wanted.name!r} cannot be converted to {wanted.type}: {error}") from None
    _check_shape(array.shape, wanted)
    return array


def _check_shape(shape: tuple[int, ...], wanted: Any) -> None:
    """Check the shape; dimensions of the model that have a name, or none, accept any size."""
    fits = [not isinstance(there, int) or there == given for given, there in zip(shape, wanted.shape, strict=False)]
    if len(shape) != len(wanted.shape) or not all(fits):
        raise InvalidParameter(f"The input {wanted.name!r} has the shape {shape}; the model takes {wanted.shape}.")


def _column(values: Any) -> Any:
    """An output as a column: one number per row if possible, otherwise a list per row."""
    if isinstance(values, list) or values.ndim <= 1:
        return values
    return values.ravel() if values.size == len(values) else list(values)


def _writer(
    model: Any, providers: Sequence[Any] | None, options: Mapping[str, Any] | None, external: bool
) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        onnx = need("onnx", FLAVOR)
        if not isinstance(model, onnx.ModelProto):
            raise InvalidParameter(f"The model must be an onnx.ModelProto, not a {type(model).__name__}.")
        _session_options(options or {})
        named = list(map(_provider, providers or _PROVIDERS))
        copy = onnx.ModelProto()  # saving external weights changes the model, so a copy is saved
        copy.CopyFrom(model)
        onnx.save_model(copy, folder / _FILE, save_as_external_data=external, location=_WEIGHTS)
        try:
            onnx.checker.check_model(str(folder / _FILE))
        except onnx.checker.ValidationError as error:
            raise InvalidParameter(f"The ONNX model is not valid: {error}") from None
        entry = {
            "data": _FILE,
            "onnx_session_options": dict(options) if options else None,
            "onnx_version": onnx.__version__,
            "providers": [[name, more] if more else name for name, more in named],
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={"loader_module": "mlflow.onnx", "data": _FILE},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: OnnxPredictor(str(folder / _FILE), providers or _PROVIDERS, options or {}),
        )

    return write


def _provider(given: Any) -> tuple[str, dict[str, Any]]:
    """The name and the options of a provider, which is given as a name or as a pair."""
    name, options = (given, {}) if isinstance(given, str) else (given[0], dict(given[1]))
    _check_harmless(options)
    return name, options


def _check_harmless(settings: Mapping[str, Any]) -> None:
    for name in settings:
        if _NAMES_A_FILE.search(name):
            raise InvalidParameter(f"The setting {name!r} is not allowed: a model must not name files on this machine.")


def _session_options(given: Mapping[str, Any]) -> Any:
    """Build ONNX Runtime's options. Raises InvalidParameter for options that could do harm."""
    runtime = need("onnxruntime", FLAVOR)
    options = runtime.SessionOptions()
    for name, value in given.items():
        if name == "extra_session_config":
            _check_harmless(value)
            for key, content in value.items():
                options.add_session_config_entry(key, str(content))
        elif name not in _SESSION_OPTIONS:
            raise InvalidParameter(f"The session option {name!r} is not allowed; use {', '.join(_SESSION_OPTIONS)}.")
        else:
            setattr(options, name, _option(runtime, name, value))
    return options


def _option(runtime: Any, name: str, value: Any) -> Any:
    """Convert the values of enumerations: sequential or parallel for execution, 0, 1, 2 or 99 for optimisation."""
    if name == "execution_mode":
        return getattr(runtime.ExecutionMode, f"ORT_{str(value).upper()}")
    if name == "graph_optimization_level":
        return runtime.GraphOptimizationLevel(value)
    return value
