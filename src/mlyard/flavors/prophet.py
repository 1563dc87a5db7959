"""Prophet's forecasts, as Prophet's JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "prophet"
_FILE = "model.pr"
_DISTRIBUTIONS = ("numpy", "pandas", "prophet")


def save_model(pr_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save a fitted model to a new or empty folder. Raises InvalidParameter."""
    save(path, _writer(pr_model), options)


def log_model(pr_model: Any, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """Log a model to the active run below ``name`` (``artifact_path`` in older scripts); see ``save_model``."""
    return log(artifact_path, _writer(pr_model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """The Prophet model itself. Raises DoesNotExist, InvalidParameter, PermissionDenied."""
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> ProphetPredictor:
    """For python_function."""
    return ProphetPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """None: the file is JSON of numbers, names and times."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Prophet alone: its files name no other."""
    return {"prophet"}


class ProphetPredictor:
    """Calls a model's ``predict``."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The forecast, a data frame, for a table with the times in the column 'ds' and the model's regressors."""
        import pandas as pd

        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
        missing = [name for name in ("ds", *self._model.extra_regressors) if name not in frame.columns]
        if missing:
            raise InvalidParameter(
                f"Model is missing inputs {missing}. The input has the columns {list(frame.columns)}."
            )
        return self._model.predict(frame)

    def unwrap(self) -> Any:
        """The Prophet model."""
        return self._model


def _writer(model: Any) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        prophet = need("prophet", FLAVOR)
        if not isinstance(model, prophet.Prophet):
            raise InvalidParameter(f"The model must be a prophet.Prophet, not a {type(model).__name__}.")
        try:
            content = need("prophet.serialize", FLAVOR).model_to_json(model)
        except ValueError as error:  # it has not been fitted
            raise InvalidParameter(f"The Prophet model cannot be saved: {error}") from None
        # MLflow keeps Prophet's JSON text as a text in JSON.
        (folder / _FILE).write_text(json.dumps(content), encoding="utf-8")
        return Flavored(
            name=FLAVOR,
            entry={"data": _FILE, "model_type": "Prophet", "prophet_version": prophet.__version__},
            python_function={"loader_module": "mlflow.prophet", "data": _FILE},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: ProphetPredictor(model),
        )

    return write


def _load(folder: ModelFolder) -> Any:
    file = folder.file(folder.entry(FLAVOR).get("data", _FILE))
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidParameter(f"The Prophet model {str(file)!r} cannot be read: {error}") from None
    return need("prophet.serialize", FLAVOR).model_from_json(content)
