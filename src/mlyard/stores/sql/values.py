"""Reads the params, tags, latest metrics and linked models of many runs together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Select,
    SmallInteger,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import CompoundSelect

from mlyard.domain.metrics import Metric
from mlyard.domain.runs import ModelInput, ModelOutput
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.keys import Keys

_PARAM, _TAG, _METRIC, _INPUT, _OUTPUT, _DATASET = range(6)
_NO_KEY: ColumnElement[int] = literal_column("0")
_NO_TEXT = cast(null(), Text)
_NO_FLOAT = cast(null(), Float(53))
_NO_INT = cast(null(), BigInteger)
_NO_FLAG = cast(null(), SmallInteger)
_IDS = dialect.list_of("ids", BigInteger())


_CHUNK = 500
"""Runs that are read with one statement: PostgreSQL's arrays have a limit of 1 GB."""


class _Columns(NamedTuple):
    """Values of one kind, column by column."""

    kind: int
    runs: Sequence[int]
    keys: Sequence[int]
    texts: Sequence[str]
    numbers: Sequence[float]
    steps: Sequence[int]
    timestamps: Sequence[int]
    nans: Sequence[int]


class RunValues:
    """The values of a run."""

    __slots__ = ("has_datasets", "inputs", "metrics", "outputs", "params", "tags")

    def __init__(self) -> None:
        self.params: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.metrics: list[Metric] = []
        self.inputs: list[ModelInput] = []
        self.outputs: list[ModelOutput] = []
        self.has_datasets = False


def read_run_values(connection: Connection, keys: Keys, ids: Sequence[int]) -> dict[int, RunValues]:
    """The values of runs, by the run's number."""
    found = {number: RunValues() for number in ids}
    for start in range(0, len(ids), _CHUNK):
        for columns in _read(connection, ids[start : start + _CHUNK]):
            _add(found, columns, keys.names(connection, set(columns.keys) if columns.kind <= _METRIC else set()))
    return found


def _read(connection: Connection, ids: Sequence[int]) -> list[_Columns]:
    if len(ids) == 1:  # PostgreSQL keeps the plan of this statement, whereas it plans lists again each time.
        return _by_kind(_READ_ONE.rows(connection, id=ids[0]))
    if connection.dialect.name == dialect.POSTGRESQL:
        return [_Columns._make(row) for row in _READ_COLUMNS.rows(connection, ids=list(ids)) if row[1] is not None]
    return _by_kind(_READ.rows(connection, ids=list(ids)))


def _by_kind(rows: Sequence[tuple[Any, ...]]) -> list[_Columns]:
    groups = groupby(rows, key=itemgetter(0))
    return [_Columns(kind, *list(zip(*group, strict=True))[1:]) for kind, group in groups]


def _add(found: Mapping[int, RunValues], columns: _Columns, names: Mapping[int, str]) -> None:
    kind, runs, keys, texts, numbers, steps, timestamps, nans = columns
    if kind == _METRIC:
        for run, key, number, step, timestamp, is_nan in zip(runs, keys, numbers, steps, timestamps, nans, strict=True):
            found[run].metrics.append(Metric(names[key], math.nan if is_nan else number, timestamp, step))
    elif kind == _PARAM:
        for run, key, text in zip(runs, keys, texts, strict=True):
            found[run].params[names[key]] = text
    elif kind == _TAG:
        for run, key, text in zip(runs, keys, texts, strict=True):
            found[run].tags[names[key]] = text
    elif kind == _INPUT:
        for run, text in zip(runs, texts, strict=True):
            found[run].inputs.append(ModelInput(model_id=text))
    elif kind == _OUTPUT:
        for run, text, step in zip(runs, texts, steps, strict=True):
            found[run].outputs.append(ModelOutput(model_id=text, step=step))
    else:
        for run in runs:
            found[run].has_datasets = True


def _parts() -> list[Select[Any]]:
    p, t, m = tables.params.c, tables.tags.c, tables.latest_metrics.c
    i, o, d = tables.run_inputs.c, tables.run_outputs.c, tables.dataset_inputs.c
    return [
        _select(_PARAM, p.run, p.key, p.value),
        _select(_TAG, t.run, t.key, t.value),
        _select(_METRIC, m.run, m.key, _NO_TEXT, m.value, m.step, m.timestamp, m.is_nan),
        _select(_INPUT, i.run, _NO_KEY, i.model_id),
        _select(_OUTPUT, o.run, _NO_KEY, o.model_id, _NO_FLOAT, o.step),
        _select(_DATASET, d.run),
    ]


def _select(kind: int, run: Any, *columns: Any) -> Select[Any]:
    empty = (_NO_KEY, _NO_TEXT, _NO_FLOAT, _NO_INT, _NO_INT, _NO_FLAG)
    return select(literal_column(str(kind)), run, *columns, *empty[len(columns) :])


def _rows_of(of_runs: Callable[[ColumnElement[int]], ColumnElement[bool]]) -> CompoundSelect[Any]:
    return union_all(*(part.where(of_runs(part.selected_columns[1])) for part in _parts()))


def _columns_of_runs() -> CompoundSelect[Any]:
    """The same as one row for each kind: reading arrays costs half of what reading rows costs."""
    found = []
    for part in _parts():
        kind, run, *columns = part.selected_columns
        arrays = (func.array_agg(column) for column in (run, *columns))
        found.append(part.with_only_columns(kind, *arrays).where(dialect.is_in(run, _IDS)))
    return union_all(*found)


_READ = dialect.PreparedStatement(lambda: _rows_of(lambda run: dialect.is_in(run, _IDS)))
_READ_COLUMNS = dialect.PreparedStatement(_columns_of_runs)
_READ_ONE = dialect.PreparedStatement(lambda: _rows_of(lambda run: run == bindparam("id", type_=BigInteger())))
