"""The results of statsmodels fits, as pickles written by statsmodels."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.named_modules import modules_of_pickle
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.input.features import matched
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "statsmodels"
_FILE = "model.statsmodels"
_DISTRIBUTIONS = ("numpy", "pandas", "scipy", "statsmodels")


@document_save_options
def save_model(
    statsmodels_model: Any, path: str | Path, *, remove_data: bool = False, **options: Unpack[SaveOptions]
) -> None:
    """Save the results of a statsmodels fit to a local folder.

    Args:
        statsmodels_model: The results object that ``fit()`` returns.
        path: The folder to write, which must be new or empty.
        remove_data: Whether to remove the training data, also from ``statsmodels_model`` itself. Default: False.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``statsmodels_model`` is not a supported model, or an argument is
            invalid.
        MissingExtra: statsmodels is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import pandas as pd
        >>> import statsmodels.api as sm
        >>> import mlyard
        >>> data = pd.DataFrame({"x": [0.0, 1.0, 2.0]})
        >>> mlyard.statsmodels.save_model(sm.OLS([0.0, 2.0, 4.0], data).fit(), "twice")
        >>> mlyard.pyfunc.load_model("twice").predict(pd.DataFrame({"x": [5.0]})).round(3).tolist()
        [10.0]
    """
    save(path, _writer(statsmodels_model, remove_data), options)


@document_log_options
def log_model(
    statsmodels_model: Any,
    artifact_path: str | None = None,
    *,
    remove_data: bool = False,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log the results of a statsmodels fit to the active run, or to a new run if none is active.

    Args:
        statsmodels_model: The results object that ``fit()`` returns.
        artifact_path: The older name of ``name``. Default: None.
        remove_data: Whether to remove the training data, also from ``statsmodels_model`` itself. Default: False.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``statsmodels_model`` is not a supported model, or an argument is invalid.
        MissingExtra: statsmodels is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import pandas as pd
        >>> import statsmodels.formula.api as smf
        >>> import mlyard
        >>> data = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [1.0, 3.0, 5.0]})
        >>> with mlyard.start_run():
        ...     results = smf.ols("y ~ x", data).fit()
        ...     info = mlyard.statsmodels.log_model(results, name="line", registered_model_name="Line")
        >>> mlyard.pyfunc.load_model("models:/Line/1").predict(pd.DataFrame({"x": [5.0]})).round(3).tolist()
        [11.0]
    """
    return log(artifact_path, _writer(statsmodels_model, remove_data), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load the results of a statsmodels fit as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The results object.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: statsmodels is not installed.

    Example:
        >>> import statsmodels.api as sm
        >>> import mlyard
        >>> mlyard.statsmodels.save_model(sm.OLS([0.0, 2.0, 4.0], [0.0, 1.0, 2.0]).fit(), "twice")
        >>> mlyard.statsmodels.load_model("twice").params.round(3).tolist()
        [2.0]
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> StatsmodelsPredictor:
    """Load the model for python_function."""
    return StatsmodelsPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """The pickle; loading it runs code."""
    return (Executable(str(folder.entry(FLAVOR).get("data", _FILE)), "a pickle"),)


def modules_of(folder: ModelFolder) -> set[str] | None:
    """The modules that the pickle names; None if they are only known after loading it."""
    return modules_of_pickle(folder.file(folder.entry(FLAVOR).get("data", _FILE)))


class StatsmodelsPredictor:
    """Calls ``predict`` of the results, with variables by name or with the ``start`` and ``end`` of a forecast."""

    def __init__(self, results: Any) -> None:
        from statsmodels.base.data import PandasData
        from statsmodels.tsa.base.tsa_model import TimeSeriesModel

        self._results = results
        model = results.model
        self._is_series = isinstance(model, TimeSeriesModel)
        # A formula selects its variables itself.
        is_named = isinstance(model.data, PandasData) and not hasattr(model, "formula")
        self._names = list(model.exog_names) if is_named and model.exog_names else None

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict for a table of variables; a time series model takes one row with ``start`` and ``end``."""
        if self._is_series:
            return self._results.predict(**_period(data), **(params or {}))
        return self._results.predict(matched(data, self._names), **(params or {}))

    def unwrap(self) -> Any:
        """The results."""
        return self._results


def _period(data: Any) -> dict[str, Any]:
    """The period of a forecast, as arguments for ``predict``."""
    if list(getattr(data, "shape", ()))[:1] != [1] or not {"start", "end"} <= set(getattr(data, "columns", ())):
        raise InvalidParameter("A time series model takes a data frame of one row with 'start' and 'end'.")
    return {name: data[name].iloc[0] for name in ("start", "end")}


def _writer(results: Any, remove_data: bool) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        statsmodels = need("statsmodels", FLAVOR)
        if not hasattr(results, "save") or not hasattr(results, "model"):
            raise InvalidParameter(
                f"The model must be the results of a statsmodels fit, not a {type(results).__name__}."
            )
        results.save(str(folder / _FILE), remove_data=remove_data)
        return Flavored(
            name=FLAVOR,
            entry={"data": _FILE, "statsmodels_version": statsmodels.__version__},
            python_function={"loader_module": "mlflow.statsmodels", "data": _FILE},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: StatsmodelsPredictor(results),
        )

    return write


def _load(folder: ModelFolder) -> Any:
    need("statsmodels", FLAVOR)
    with folder.file(folder.entry(FLAVOR).get("data", _FILE)).open("rb") as stream:
        return pickle.load(stream)  # noqa: S301 - models.load has checked that code may run
