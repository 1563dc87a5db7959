"""PyTorch models: exported programs (``.pt2``), pickled modules, TorchScript."""

from __future__ import annotations

import importlib
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mlyard.client.fluent_artifacts import log_artifacts
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.models import mlflow_names
from mlyard.models.format.flavor import PYTHON_FUNCTION, Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.named_modules import modules_of_pickle
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.load import fetch, open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "load_state_dict", "log_model", "log_state_dict", "save_model", "save_state_dict"]

FLAVOR = "pytorch"
_DATA, _EXPORTED, _PICKLED, _STATE = "data", "model.pt2", "model.pth", "state_dict.pth"
_PICKLE_MODULE_FILE = "pickle_module_info.txt"
_PICKLE_MODULE = "mlflow.pytorch.pickle_module"
"""MLflow's name for its default pickle module, which behaves like cloudpickle."""
_FORMATS = ("pt2", "pickle")
_DISTRIBUTIONS = ("cloudpickle", "numpy", "pandas", "torch")
_log = logger("pytorch")


@document_save_options
def save_model(
    pytorch_model: Any,
    path: str | Path,
    *,
    pickle_module: ModuleType | None = None,
    export_model: bool = False,
    serialization_format: str | None = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a PyTorch module to a local folder.

    Args:
        pytorch_model: The ``torch.nn.Module``.
        path: The folder to write, which must be new or empty.
        pickle_module: The module that pickles the model. Default: cloudpickle.
        export_model: Whether to require the format ``"pt2"``; then ``serialization_format`` is ignored. Default: False.
        serialization_format: ``"pt2"``, a program exported by ``torch.export`` that is loaded without the module's
            code, or ``"pickle"``. Default: pt2 if there is an ``input_example`` of arrays or tensors and the module can
            be exported, otherwise pickle.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``pytorch_model`` is not a supported model, or an argument is invalid.
        MissingExtra: PyTorch is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import numpy as np
        >>> import torch
        >>> import mlyard
        >>> model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
        >>> rows = np.zeros((3, 2), dtype="float32")
        >>> mlyard.pytorch.save_model(model, "network", input_example=rows)
        >>> mlyard.pyfunc.load_model("network").predict(rows).shape
        (3, 1)
    """
    form = "pt2" if export_model else serialization_format
    save(path, _writer(pytorch_model, form, pickle_module, options.get("input_example")), options)


@document_log_options
def log_model(
    pytorch_model: Any,
    artifact_path: str | None = None,
    *,
    pickle_module: ModuleType | None = None,
    export_model: bool = False,
    serialization_format: str | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a PyTorch module to the active run, or to a new run if none is active.

    Args:
        pytorch_model: The ``torch.nn.Module``.
        artifact_path: The older name of ``name``. Default: None.
        pickle_module: The module that pickles the model. Default: cloudpickle.
        export_model: Whether to require the format ``"pt2"``; then ``serialization_format`` is ignored. Default: False.
        serialization_format: ``"pt2"``, a program exported by ``torch.export`` that is loaded without the module's
            code, or ``"pickle"``. Default: pt2 if there is an ``input_example`` of arrays or tensors and the module can
            be exported, otherwise pickle.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``pytorch_model`` is not a supported model, or an argument is invalid.
        MissingExtra: PyTorch is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import torch
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     info = mlyard.pytorch.log_model(torch.nn.Linear(2, 1), name="linear", serialization_format="pickle")
        >>> mlyard.pytorch.load_model(info.model_uri)
        Linear(in_features=2, out_features=1, bias=True)
    """
    form = "pt2" if export_model else serialization_format
    return log(artifact_path, _writer(pytorch_model, form, pickle_module, options.get("input_example")), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None, **torch_load: Any) -> Any:
    """Load a PyTorch module as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.
        **torch_load: Arguments for ``torch.load``, such as ``map_location``; exported models use only that one.
            Default: as ``torch.load`` has them; exported models and TorchScript are loaded to the CPU.

    Returns:
        The module; an exported model returns the exported program's module.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: PyTorch is not installed.

    Example:
        >>> import torch
        >>> import mlyard
        >>> mlyard.pytorch.save_model(torch.nn.Linear(2, 1), "linear")
        >>> model = mlyard.pytorch.load_model("linear", map_location="cpu")
        >>> model(torch.zeros(3, 2)).shape
        torch.Size([3, 1])
    """
    return _load(open_model(model_uri, FLAVOR, dst_path), **torch_load)


def save_state_dict(state_dict: dict[str, Any], path: str | Path, **torch_save: Any) -> None:
    """Save only the parameters of a module to a local folder.

    Args:
        state_dict: The parameters, as ``module.state_dict()`` returns them.
        path: The folder to write to. It is created if it does not exist.
        **torch_save: Arguments for ``torch.save``.

    Raises:
        InvalidParameter: ``state_dict`` is not a dict.
        MissingExtra: PyTorch is not installed.

    Example:
        >>> import torch
        >>> import mlyard
        >>> mlyard.pytorch.save_state_dict(torch.nn.Linear(2, 1).state_dict(), "weights")
        >>> list(mlyard.pytorch.load_state_dict("weights"))
        ['weight', 'bias']
    """
    if not isinstance(state_dict, dict):
        raise InvalidParameter(f"A state_dict must be a dict, not a {type(state_dict).__name__}.")
    Path(path).mkdir(parents=True, exist_ok=True)
    need("torch", FLAVOR).save(state_dict, Path(path, _STATE), **torch_save)


def log_state_dict(state_dict: dict[str, Any], artifact_path: str, **torch_save: Any) -> None:
    """Log only the parameters of a module, as artifacts of the active run.

    Args:
        state_dict: The parameters, as ``module.state_dict()`` returns them.
        artifact_path: The folder among the artifacts of the run.
        **torch_save: Arguments for ``torch.save``.

    Raises:
        InvalidParameter: ``state_dict`` is not a dict.
        MissingExtra: PyTorch is not installed.

    Example:
        >>> import torch
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.pytorch.log_state_dict(torch.nn.Linear(2, 1).state_dict(), "epoch-1")
        >>> list(mlyard.pytorch.load_state_dict(f"runs:/{run.info.run_id}/epoch-1"))
        ['weight', 'bias']
    """
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        save_state_dict(state_dict, temporary, **torch_save)
        log_artifacts(temporary, artifact_path)


def load_state_dict(state_dict_uri: str | Path, **torch_load: Any) -> Any:
    """Load parameters that ``save_state_dict`` or ``log_state_dict`` wrote.

    Args:
        state_dict_uri: The local folder, or the URI of the folder among the artifacts of a run.
        **torch_load: Arguments for ``torch.load``. ``weights_only`` is True by default; with False, loading may run
            code in the file.

    Returns:
        The parameters, for ``module.load_state_dict``.

    Raises:
        DoesNotExist: There are no artifacts at ``state_dict_uri``.
        MissingExtra: PyTorch is not installed.

    Example:
        >>> import torch
        >>> import mlyard
        >>> trained = torch.nn.Linear(2, 1)
        >>> mlyard.pytorch.save_state_dict(trained.state_dict(), "weights")
        >>> model = torch.nn.Linear(2, 1)
        >>> model.load_state_dict(mlyard.pytorch.load_state_dict("weights"))
        <All keys matched successfully>
        >>> torch.equal(model.weight, trained.weight)
        True
    """
    folder = fetch(state_dict_uri)
    return need("torch", FLAVOR).load(folder / _STATE, **{"weights_only": True, **torch_load})


def load_predictor(folder: ModelFolder) -> PyTorchPredictor:
    """Load the model for python_function."""
    device = (folder.entry(PYTHON_FUNCTION).get("config") or {}).get("device") or _device()
    return PyTorchPredictor(_load(folder, map_location=device), device)


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The model's file: PyTorch unpickles data in each of its formats."""
    name = f"{_data(folder)}/{_file(folder).name}"
    return (Executable(name, "an exported program" if name.endswith(".pt2") else "a pickle"),)


def modules_of(folder: ModelFolder) -> set[str] | None:
    """The modules that the file names; None if they are only known after loading it."""
    file = _file(folder)
    if file.name == _EXPORTED or _is_script(file):
        return {"torch"}
    try:
        with zipfile.ZipFile(file) as archive:
            pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            place: Any = zipfile.Path(archive, pickles[0]) if pickles else None
            found = modules_of_pickle(place) if place else None
    except zipfile.BadZipFile:
        return None
    return None if found is None else found | {"torch"}


class PyTorchPredictor:
    """Calls a module with tensors, without computing gradients."""

    def __init__(self, model: Any, device: str = "cpu") -> None:
        torch = need("torch", FLAVOR)
        self._torch, self._model, self._device = torch, model, device
        if not isinstance(model, torch.fx.GraphModule):  # exported programs have no eval mode
            model.eval()
        self._float = _float_of(model)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict: a data frame for a data frame, otherwise an array, or a dict or list of arrays.

        Rows become one tensor, and a tuple of arrays several. Floating-point input is cast to the type of the module's
        parameters.
        """
        import pandas as pd

        device = (params or {}).get("device") or self._device
        arrays = data if isinstance(data, tuple) else (data,)
        with self._torch.no_grad():
            answer = _arrays(self._model.to(device)(*(self._tensor(each).to(device) for each in arrays)))
        return pd.DataFrame(answer, index=data.index) if isinstance(data, pd.DataFrame) else answer

    def unwrap(self) -> Any:
        """The module."""
        return self._model

    def _tensor(self, data: Any) -> Any:
        import numpy as np
        import pandas as pd

        if not isinstance(data, self._torch.Tensor):
            if isinstance(data, dict):
                raise InvalidParameter("A PyTorch model takes a data frame or arrays, not a dict.")
            array = _writable(data.to_numpy(np.float32) if isinstance(data, pd.DataFrame) else np.asarray(data))
            if array.dtype.kind not in "biufc":
                raise InvalidParameter(f"A PyTorch model takes numbers; the input is of the type {array.dtype}.")
            data = self._torch.as_tensor(array)
        return data.to(self._float) if data.is_floating_point() else data


def _float_of(model: Any) -> Any:
    """The floating-point type of a module's parameters."""
    floats = [each.dtype for each in model.parameters() if each.is_floating_point()]
    return floats[0] if floats else need("torch", FLAVOR).float32


def _arrays(answer: Any) -> Any:
    """Convert a module's answer to arrays."""
    if hasattr(answer, "detach"):
        return answer.detach().cpu().numpy()
    if isinstance(answer, dict):
        return {name: _arrays(value) for name, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [_arrays(each) for each in answer]
    return answer


def _device() -> str:
    return "cuda" if need("torch", FLAVOR).cuda.is_available() else "cpu"


def _writer(model: Any, form: str | None, pickle_module: ModuleType | None, example: Any) -> WriteFlavor:
    if form not in (*_FORMATS, None):
        raise InvalidParameter(f"Unrecognized serialization format: {form}. Use one of {_FORMATS}.")

    def write(folder: Path) -> Flavored:
        torch = need("torch", FLAVOR)
        if not isinstance(model, torch.nn.Module):
            raise InvalidParameter(f"The model must be a torch.nn.Module, not a {type(model).__name__}.")
        (folder / _DATA).mkdir()
        module = pickle_module.__name__ if pickle_module else _PICKLE_MODULE
        _dump(model, folder / _DATA, form, pickle_module, example)
        return Flavored(
            name=FLAVOR,
            entry={"model_data": _DATA, "pytorch_version": str(torch.__version__)},
            python_function={
                "loader_module": "mlflow.pytorch",
                "data": _DATA,
                "config": {"device": None},
                "pickle_module_name": module,
            },
            distributions=_DISTRIBUTIONS,
            predictor=lambda: PyTorchPredictor(model),
        )

    return write


def _dump(model: Any, folder: Path, form: str | None, pickle_module: ModuleType | None, example: Any) -> None:
    torch = need("torch", FLAVOR)
    if form != "pickle":
        problem = _export(model, folder / _EXPORTED, example)
        if problem is None:
            return
        if form == "pt2":
            raise InvalidParameter(f"The model cannot be saved as pt2: {problem}.")
        if example is not None:
            _log.info("The model is saved as a pickle, and loading it will need its code: %s.", problem)
    if isinstance(model, torch.jit.ScriptModule):
        torch.jit.save(model, folder / _PICKLED)
    else:
        torch.save(model, folder / _PICKLED, pickle_module=pickle_module or need("cloudpickle", FLAVOR))
    name = pickle_module.__name__ if pickle_module else _PICKLE_MODULE
    (folder / _PICKLE_MODULE_FILE).write_text(name, encoding="utf-8")


def _export(model: Any, file: Path, example: Any) -> str | None:
    """Export the module for any number of rows. Returns None, or the reason why no file was written."""
    import numpy as np

    torch = need("torch", FLAVOR)
    if isinstance(model, torch.jit.ScriptModule):
        return "it is TorchScript"
    given = example if isinstance(example, (tuple, list)) else (example,)
    if not given or not all(isinstance(each, (np.ndarray, torch.Tensor)) for each in given):
        return "the export needs an input_example of arrays or tensors"
    tensors = tuple(_example(torch.as_tensor(_writable(each)), _float_of(model)) for each in given)
    shapes = tuple({0: torch.export.Dim.AUTO} if each.ndim else None for each in tensors)
    was_training = model.training
    try:
        torch.export.save(torch.export.export(model.eval(), tensors, dynamic_shapes=shapes), file)
    except Exception as error:  # noqa: BLE001 - torch.export raises errors of any kind for unsupported modules
        file.unlink(missing_ok=True)
        return f"torch.export cannot follow it ({str(error).strip().partition(chr(10))[0]})"
    finally:
        model.train(was_training)
    return None


def _writable(array: Any) -> Any:
    """The array, or a copy if PyTorch needs it contiguous and writable."""
    import numpy as np

    return np.require(array, requirements=["C", "W"]) if isinstance(array, np.ndarray) else array


def _example(tensor: Any, float_: Any) -> Any:
    """An example in the module's type, with at least two rows: one row would fix the program to one row."""
    tensor = tensor.to(float_) if tensor.is_floating_point() else tensor
    return tensor.repeat(2, *[1] * (tensor.ndim - 1)) if tensor.ndim and len(tensor) == 1 else tensor


def _data(folder: ModelFolder) -> str:
    return str(folder.entry(FLAVOR).get("model_data", _DATA))


def _file(folder: ModelFolder) -> Path:
    data = _data(folder)
    exported = folder.path / data / _EXPORTED
    return folder.file(f"{data}/{_EXPORTED if exported.exists() else _PICKLED}")


def _is_script(file: Path) -> bool:
    """Whether the file is TorchScript: an archive with a separate file of constants."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _load(folder: ModelFolder, **torch_load: Any) -> Any:
    torch = need("torch", FLAVOR)
    file = _file(folder)
    device = torch_load.get("map_location", "cpu")
    if file.name == _EXPORTED:
        return torch.export.load(file).module().to(device)
    if _is_script(file):
        return torch.jit.load(file, map_location=device)
    told = file.with_name(_PICKLE_MODULE_FILE)
    name = told.read_text(encoding="utf-8").strip() if told.is_file() else _PICKLE_MODULE
    module = importlib.import_module("pickle" if mlflow_names.is_mlflows(name) else name)
    with mlflow_names.provided():  # models.load has checked that code may run
        return torch.load(file, **{"pickle_module": module, "weights_only": False, **torch_load})
