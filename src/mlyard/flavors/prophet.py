"""Prophet models, in Prophet's own JSON format."""

from __future__ import annotations

import json
from collections.abc import Sequence
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

FLAVOR = "prophet"
_FILE = "model.pr"
_DISTRIBUTIONS = ("numpy", "pandas", "prophet")


@document_save_options
def save_model(pr_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save a Prophet model to a local folder.

    Args:
        pr_model: The fitted ``prophet.Prophet``.
        path: The folder to write, which must be new or empty.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``pr_model`` is not a supported model, or an argument is invalid.
        MissingExtra: Prophet is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import pandas as pd
        >>> from prophet import Prophet
        >>> import mlyard
        >>> past = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=30), "y": range(30)})
        >>> mlyard.prophet.save_model(Prophet().fit(past), "trend")
        >>> forecast = mlyard.pyfunc.load_model("trend").predict(pd.DataFrame({"ds": ["2024-02-01"]}))
        >>> forecast["yhat"].round().tolist()
        [31.0]
    """
    save(path, _writer(pr_model), options)


@document_log_options
def log_model(pr_model: Any, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """Log a Prophet model to the active run, or to a new run if none is active.

    Args:
        pr_model: The fitted ``prophet.Prophet``.
        artifact_path: The older name of ``name``. Default: None.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``pr_model`` is not a supported model, or an argument is invalid.
        MissingExtra: Prophet is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import pandas as pd
        >>> from prophet import Prophet
        >>> import mlyard
        >>> past = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=30), "y": range(30)})
        >>> with mlyard.start_run():
        ...     info = mlyard.prophet.log_model(Prophet().fit(past), name="trend", registered_model_name="Trend")
        >>> info.registered_model_version
        1
    """
    return log(artifact_path, _writer(pr_model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a Prophet model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The Prophet model.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: Prophet is not installed.

    Example:
        >>> import pandas as pd
        >>> from prophet import Prophet
        >>> import mlyard
        >>> past = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=30), "y": range(30)})
        >>> mlyard.prophet.save_model(Prophet().fit(past), "trend")
        >>> model = mlyard.prophet.load_model("trend")
        >>> len(model.predict(model.make_future_dataframe(periods=7)))
        37
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> ProphetPredictor:
    """Load the model for python_function."""
    return ProphetPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """No files: the model is JSON with numbers, names and times."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Only Prophet: its files name no other modules."""
    return {"prophet"}


class ProphetPredictor:
    """Calls a model's ``predict``."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Forecast: a data frame, for a table with the times in the column 'ds' and the model's regressors."""
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
        except ValueError as error:  # the model has not been fitted
            raise InvalidParameter(f"The Prophet model cannot be saved: {error}") from None
        # MLflow stores Prophet's JSON as a string in JSON.
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
