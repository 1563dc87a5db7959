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
from mlyard.models.load import fetch, open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "load_state_dict", "log_model", "log_state_dict", "save_model", "save_state_dict"]

FLAVOR = "pytorch"
_DATA, _EXPORTED, _PICKLED, _STATE = "data", "model.pt2", "model.pth", "state_dict.pth"
_PICKLE_MODULE_FILE = "pickle_module_info.txt"
_PICKLE_MODULE = "mlflow.pytorch.pickle_module"
"""MLflow's name of what pickles modules by default, with their code where it cannot be imported: as cloudpickle."""
_FORMATS = ("pt2", "pickle")
_DISTRIBUTIONS = ("cloudpickle", "numpy", "pandas", "torch")
_log = logger("pytorch")


def save_model(
    pytorch_model: Any,
    path: str | Path,
    *,
    pickle_module: ModuleType | None = None,
    export_model: bool = False,
    serialization_format: str | None = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a module to a new or empty folder.

    ``serialization_format``: pt2, the program that ``torch.export`` makes of the module with the input example,
    which needs none of its code; or pickle. pt2 when there is an input example of arrays and the module can be
    exported, else pickle. ``export_model``: pt2 or nothing. Raises InvalidParameter.
    """
    form = "pt2" if export_model else serialization_format
    save(path, _writer(pytorch_model, form, pickle_module, options.get("input_example")), options)


def log_model(
    pytorch_model: Any,
    artifact_path: str | None = None,
    *,
    pickle_module: ModuleType | None = None,
    export_model: bool = False,
    serialization_format: str | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a module to the active run below ``name`` (``artifact_path`` in older scripts); see ``save_model``."""
    form = "pt2" if export_model else serialization_format
    return log(artifact_path, _writer(pytorch_model, form, pickle_module, options.get("input_example")), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None, **torch_load: Any) -> Any:
    """The module itself; ``torch_load``: arguments of ``torch.load``, such as ``map_location``.

    Raises DoesNotExist, InvalidParameter, PermissionDenied.
    """
    return _load(open_model(model_uri, FLAVOR, dst_path), **torch_load)


def save_state_dict(state_dict: dict[str, Any], path: str | Path, **torch_save: Any) -> None:
    """Save the parameters of a module alone, to a folder."""
    if not isinstance(state_dict, dict):
        raise InvalidParameter(f"A state_dict must be a dict, not a {type(state_dict).__name__}.")
    Path(path).mkdir(parents=True, exist_ok=True)
    need("torch", FLAVOR).save(state_dict, Path(path, _STATE), **torch_save)


def log_state_dict(state_dict: dict[str, Any], artifact_path: str, **torch_save: Any) -> None:
    """Log the parameters of a module alone to the active run."""
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        save_state_dict(state_dict, temporary, **torch_save)
        log_artifacts(temporary, artifact_path)


def load_state_dict(state_dict_uri: str | Path, **torch_load: Any) -> Any:
    """Parameters that were saved alone. No code of the file's is run: ``weights_only=False`` allows that."""
    folder = fetch(state_dict_uri)
    return need("torch", FLAVOR).load(folder / _STATE, **{"weights_only": True, **torch_load})


def load_predictor(folder: ModelFolder) -> PyTorchPredictor:
    """For python_function."""
    device = (folder.entry(PYTHON_FUNCTION).get("config") or {}).get("device") or _device()
    return PyTorchPredictor(_load(folder, map_location=device), device)


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The file: PyTorch itself runs pickles for each kind of it."""
    name = f"{_data(folder)}/{_file(folder).name}"
    return (Executable(name, "an exported program" if name.endswith(".pt2") else "a pickle"),)


def modules_of(folder: ModelFolder) -> set[str] | None:
    """The modules that the file names; None when only loading it can tell."""
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
    """Calls a module with its input as tensors, without gradients."""

    def __init__(self, model: Any, device: str = "cpu") -> None:
        torch = need("torch", FLAVOR)
        self._torch, self._model, self._device = torch, model, device
        if not isinstance(model, torch.fx.GraphModule):  # what is exported cannot change between training and use
            model.eval()
        self._float = _float_of(model)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """A data frame for a data frame, else an array, or a dict or list of them where the module returns such.

        Rows go in as one tensor; a tuple of arrays as several. Fractions become what the module's are.
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
    """The type of a module's fractions."""
    floats = [each.dtype for each in model.parameters() if each.is_floating_point()]
    return floats[0] if floats else need("torch", FLAVOR).float32


def _arrays(answer: Any) -> Any:
    """What a module returned, as arrays."""
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
    """Export the module for any number of rows; why that cannot be, and then there is no file."""
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
    except Exception as error:  # noqa: BLE001 - what torch.export raises for what it cannot follow is of any kind
        file.unlink(missing_ok=True)
        return f"torch.export cannot follow it ({str(error).strip().partition(chr(10))[0]})"
    finally:
        model.train(was_training)
    return None


def _writable(array: Any) -> Any:
    """The array; a copy where PyTorch takes it not as it is."""
    import numpy as np

    return np.require(array, requirements=["C", "W"]) if isinstance(array, np.ndarray) else array


def _example(tensor: Any, float_: Any) -> Any:
    """An example as the module takes it; of two rows, for one would make a program of one row."""
    tensor = tensor.to(float_) if tensor.is_floating_point() else tensor
    return tensor.repeat(2, *[1] * (tensor.ndim - 1)) if tensor.ndim and len(tensor) == 1 else tensor


def _data(folder: ModelFolder) -> str:
    return str(folder.entry(FLAVOR).get("model_data", _DATA))


def _file(folder: ModelFolder) -> Path:
    data = _data(folder)
    exported = folder.path / data / _EXPORTED
    return folder.file(f"{data}/{_EXPORTED if exported.exists() else _PICKLED}")


def _is_script(file: Path) -> bool:
    """Whether it is TorchScript: an archive that has its constants apart."""
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
    with mlflow_names.provided():  # models.load has asked whether code may run
        return torch.load(file, **{"pickle_module": module, "weights_only": False, **torch_load})
