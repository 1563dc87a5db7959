"""Reads the params, tags, latest metrics and linked models of many runs with one statement."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

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
    # A statement for one run only: PostgreSQL keeps its plan, whereas it plans lists again each time.
    rows = _READ_ONE.rows(connection, id=ids[0]) if len(ids) == 1 else _READ.rows(connection, ids=list(ids))
    names = keys.names(connection, {row[2] for row in rows if row[0] <= _METRIC})
    found = {number: RunValues() for number in ids}
    for kind, run, key, text, number, step, timestamp, is_nan in rows:
        values = found[run]
        if kind == _METRIC:
            value = math.nan if is_nan else number
            values.metrics.append(Metric(key=names[key], value=value, timestamp=timestamp, step=step))
        elif kind == _PARAM:
            values.params[names[key]] = text
        elif kind == _TAG:
            values.tags[names[key]] = text
        elif kind == _INPUT:
            values.inputs.append(ModelInput(model_id=text))
        elif kind == _DATASET:
            values.has_datasets = True
        else:
            values.outputs.append(ModelOutput(model_id=text, step=step))
    return found


def _statement(of_runs: Callable[[ColumnElement[int]], ColumnElement[bool]]) -> CompoundSelect[Any]:
    p, t, m = tables.params.c, tables.tags.c, tables.latest_metrics.c
    i, o, d = tables.run_inputs.c, tables.run_outputs.c, tables.dataset_inputs.c
    parts = (
        (_PARAM, p.run, p.key, p.value),
        (_TAG, t.run, t.key, t.value),
        (_METRIC, m.run, m.key, _NO_TEXT, m.value, m.step, m.timestamp, m.is_nan),
        (_INPUT, i.run, _NO_KEY, i.model_id),
        (_OUTPUT, o.run, _NO_KEY, o.model_id, _NO_FLOAT, o.step),
        (_DATASET, d.run),
    )
    return union_all(*(_select(*part).where(of_runs(part[1])) for part in parts))


def _select(kind: int, run: Any, *columns: Any) -> Select[Any]:
    empty = (_NO_KEY, _NO_TEXT, _NO_FLOAT, _NO_INT, _NO_INT, _NO_FLAG)
    return select(literal_column(str(kind)), run, *columns, *empty[len(columns) :])


_READ = dialect.PreparedStatement(lambda: _statement(lambda run: dialect.is_in(run, _IDS)))
_READ_ONE = dialect.PreparedStatement(lambda: _statement(lambda run: run == bindparam("id", type_=BigInteger())))
