"""Runs and histories of metrics as pandas data frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mlyard.core.lazy import need
from mlyard.domain.metrics import Series
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


def history_frame(found: Iterable[Series]) -> pd.DataFrame:
    """One row per point; columns run_id, key, step, timestamp (UTC) and value. Names are stored once each."""
    pandas: Any = need("pandas", "models")
    numpy: Any = need("numpy", "models")
    pieces = list(found)
    lengths = [len(piece.values) for piece in pieces]
    columns: dict[str, Any] = {}
    for name in ("run_id", "key"):
        names = [getattr(piece, name) for piece in pieces]
        known = {each: number for number, each in enumerate(dict.fromkeys(names))}
        codes = numpy.repeat(numpy.array([known[each] for each in names], dtype="int32"), lengths)
        columns[name] = pandas.Categorical.from_codes(codes, list(known))
    for name, kind in (("step", "int64"), ("timestamp", "int64"), ("value", "float64")):
        parts = [numpy.asarray(getattr(piece, f"{name}s"), dtype=kind) for piece in pieces]
        columns[name] = numpy.concatenate(parts) if parts else numpy.array([], dtype=kind)
    columns["timestamp"] = pandas.DatetimeIndex(columns["timestamp"].view("datetime64[ms]")).tz_localize("UTC")
    return pandas.DataFrame(columns, copy=False)  # type: ignore[no-any-return]  # imported lazily
