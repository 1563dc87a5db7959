"""The way of rows of numbers into a model as one matrix, without a data frame in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlyard.models.datatypes import DataType
from mlyard.models.matrix import MatrixPlan, matrix_plan
from mlyard.models.schema import ColSpec, Schema, TensorSpec


@dataclass(frozen=True)
class MatrixCall:
    """A model's own way: ``predict`` takes a matrix (rows, ``width``), its columns in the order of ``names``.

    ``names`` None: the model knows no names. Each row's answer depends on that row alone.
    """

    names: tuple[str, ...] | None
    width: int
    predict: Callable[[np.ndarray], Any]


class MatrixPath:
    """A MatrixCall behind a plan: what the signature, or the model's own names, say of the rows."""

    def __init__(self, plan: MatrixPlan, call: MatrixCall, order: list[int] | None) -> None:
        self._plan = plan
        self._order = order
        self.predict = call.predict

    def rows(self, columns: Sequence[str] | None, rows: Sequence[Sequence[Any]]) -> np.ndarray:
        """The matrix (rows, width) for ``predict``. Raises InvalidParameter that names column and row."""
        matrix = self._plan.rows(columns, rows)
        return matrix if self._order is None else matrix[:, self._order]

    def records(self, records: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """The same of rows that are given as dicts."""
        matrix = self._plan.records(records)
        return matrix if self._order is None else matrix[:, self._order]


def matrix_path(call: MatrixCall, schema: Schema | None) -> MatrixPath | None:
    """The way into ``call`` by the signature's inputs, if there are any; None where they ask for a data frame."""
    plan = matrix_plan(schema if schema is not None and schema.inputs else _own_schema(call))
    if plan is None:
        return None
    if call.names is None or plan.names is None or call.names == plan.names:
        return MatrixPath(plan, call, None) if plan.width == call.width else None
    if not set(call.names) <= set(plan.names):
        return None
    return MatrixPath(plan, call, [plan.names.index(name) for name in call.names])


def _own_schema(call: MatrixCall) -> Schema:
    """What a model without a signature takes: numbers."""
    if call.names is None:
        return Schema([TensorSpec(np.dtype(np.float64), (-1, call.width))])
    return Schema([ColSpec(DataType.double, name) for name in call.names])
