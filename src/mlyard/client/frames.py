"""Runs as a pandas data frame with MLflow's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlyard.core.lazy import need
from mlyard.domain.runs import Run

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = ("run_id", "experiment_id", "status", "artifact_uri")


def runs_frame(runs: Sequence[Run]) -> pd.DataFrame:
    """One row per run; columns run_id … end_time (UTC), then metrics.*, params.* and tags.*."""
    pandas: Any = need("pandas", "models")
    columns: dict[str, Any] = {name: [getattr(run.info, name) for run in runs] for name in _PLAIN}
    for name in ("start_time", "end_time"):
        columns[name] = pandas.to_datetime([getattr(run.info, name) for run in runs], unit="ms", utc=True)
    for prefix, missing in (("metrics", float("nan")), ("params", None), ("tags", None)):
        data = [getattr(run.data, prefix) for run in runs]
        for key in dict.fromkeys(key for values in data for key in values):
            columns[f"{prefix}.{key}"] = [values.get(key, missing) for values in data]
    return pandas.DataFrame(columns)  # type: ignore[no-any-return]  # imported lazily
