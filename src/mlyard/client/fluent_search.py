"""The fluent functions that return data frames: of runs, and of the history of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlyard.client import active
from mlyard.client.arguments import several
from mlyard.client.client import MlyardClient
from mlyard.client.fluent_experiments import active_experiment, search_experiments
from mlyard.client.frames import history_frame, runs_frame
from mlyard.client.pages import all_pages
from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.domain.page import ACTIVE_ONLY
from mlyard.domain.runs import Run

if TYPE_CHECKING:
    import pandas as pd

_log = logger("client.fluent_search")


def search_runs(
    experiment_ids: Sequence[str] | str | None = None,
    filter_string: str = "",
    run_view_type: int | str = ACTIVE_ONLY,
    max_results: int = 100_000,
    order_by: Sequence[str] | str | None = None,
    output_format: str = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | str | None = None,
) -> pd.DataFrame | list[Run]:
    """Find runs; results of several pages are joined.

    Args:
        experiment_ids: Experiments to search, or one of them. Default: the active experiment.
        filter_string: Condition such as ``"metrics.rmse < 0.2 AND params.alpha = '0.5'"``. Default: no condition.
        run_view_type: ``"ACTIVE_ONLY"`` (default), ``"DELETED_ONLY"`` or ``"ALL"``; MLflow's 1, 2 and 3 also work.
        max_results: The most runs to return. Default: 100,000.
        order_by: What to sort by, such as ``["metrics.rmse ASC"]``. Default: newest first.
        output_format: ``"pandas"`` (default) or ``"list"``.
        search_all_experiments: Search every active experiment if none is named. Default: False.
        experiment_names: Names of the experiments to search, instead of ids; unknown names are skipped with a
            warning.

    Returns:
        A data frame with one row per run and columns such as ``run_id``, ``metrics.rmse`` and ``params.alpha`` (times
        in UTC; NaN or None where a run has no value), or a list of runs.

    Raises:
        InvalidParameter: An argument is not valid, or both ids and names are given.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(run_name="first"):
        ...     mlyard.log_metric("rmse", 0.5)
        >>> mlyard.search_runs(filter_string="metrics.rmse < 1")["metrics.rmse"].tolist()
        [0.5]
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidParameter(f"Unsupported output format: {output_format!r}. Use 'pandas' or 'list'.")
    client = MlyardClient()
    ids = _scope(client, experiment_ids, search_all_experiments, experiment_names)
    runs = all_pages(
        lambda size, token: client.search_runs(ids, filter_string, run_view_type, size, order_by, token), max_results
    )
    if output_format == "list":
        return runs
    return runs_frame(runs)


def metric_history(run_ids: Sequence[str] | str | None = None, keys: Sequence[str] | str | None = None) -> pd.DataFrame:
    """Return whole histories of several metrics in several runs as one data frame.

    Args:
        run_ids: Ids of the runs, or one of them; those that do not exist are left out. Default: the active run.
        keys: Names of the metrics, or one of them. Default: all metrics of the runs.

    Returns:
        A data frame with one row per point, by run, metric and step, and the columns ``run_id``, ``key``, ``step``,
        ``timestamp`` (UTC) and ``value``.

    Raises:
        InvalidParameter: No run is given and none is active, or there are too many keys.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     for step in range(3):
        ...         mlyard.log_metric("loss", 1 / (1 + step), step=step)
        >>> history = mlyard.metric_history(run.info.run_id)
        >>> history.pivot(index="step", columns="key", values="value")["loss"].round(2).tolist()
        [1.0, 0.5, 0.33]
    """
    run = active.current()
    ids = list(several(run_ids)) or ([run.info.run_id] if run else [])
    if not ids:
        raise InvalidParameter("Pass the run_ids whose histories you want: no run is active.")
    return history_frame(MlyardClient().get_metric_series(ids, keys))


def _scope(
    client: MlyardClient, ids: Sequence[str] | str | None, everywhere: bool, names: Sequence[str] | str | None
) -> list[str]:
    if several(ids) and several(names):
        raise InvalidParameter("Only experiment_ids or experiment_names can be used, but not both.")
    if several(names):
        return _named(client, several(names))
    if everywhere:
        return [experiment.experiment_id for experiment in search_experiments()]
    return list(several(ids)) or [active_experiment(client)]


def _named(client: MlyardClient, names: Sequence[str]) -> list[str]:
    """The ids of experiments. Unknown names are skipped with a warning."""
    found = {name: client.get_experiment_by_name(name) for name in names}
    unknown = [name for name, experiment in found.items() if experiment is None]
    if unknown:
        _log.warning("There are no experiments with these names, so they are not searched: %s", unknown)
    return [experiment.experiment_id for experiment in found.values() if experiment]
