"""Turns rows of JSON numbers into one matrix for the model, checked against a schema, without pandas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlyard.core.errors import InvalidParameter
from mlyard.models.input.names import check_names, places_of
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec
from mlyard.models.signature.types import DataType, Misfit
from mlyard.models.signature.values import exact_float, exact_integer

_NUMERIC = (DataType.integer, DataType.long, DataType.float, DataType.double)
REMEMBERED_ORDERS = 64
"""How many column orders a plan caches. Clients use one or two; the limit protects against attackers."""


def matrix_plan(schema: Schema, mixed: bool = False) -> MatrixPlan | None:
    """A plan to build matrices for ``schema``; None if the schema needs a data frame or several arrays.

    There is a plan for required columns that all have one numeric type, and for one unnamed numeric tensor of two
    dimensions with any number of rows. With ``mixed``, integers and doubles may be combined and become doubles, for
    models that convert a data frame to one matrix anyway. A plan may be shared between threads.
    """
    if schema.is_tensor_spec():
        return _tensor_plan(schema.tensors[0])
    kinds = [column.type for column in schema.columns if isinstance(column.type, DataType) and column.required]
    if len(kinds) < len(schema) or not set(kinds) <= set(_NUMERIC):
        return None
    names = tuple(schema.input_names()) if schema.has_input_names() else None
    if names and len(set(names)) < len(names):
        return None
    if len(set(kinds)) == 1:
        return MatrixPlan(names, len(kinds), kinds[0].to_numpy(), kinds=kinds)
    if not mixed or DataType.float in kinds:
        return None
    integers = {place: kind.to_numpy() for place, kind in enumerate(kinds) if kind is not DataType.double}
    return MatrixPlan(names, len(kinds), DataType.double.to_numpy(), kinds=kinds, integers=integers)


def _tensor_plan(tensor: TensorSpec) -> MatrixPlan | None:
    if tensor.name is not None or len(tensor.shape) != 2 or tensor.shape[0] != -1 or tensor.shape[1] < 1:
        return None
    return MatrixPlan(None, tensor.shape[1], tensor.type, whole=True) if tensor.type.kind in "iuf" else None


class MatrixPlan:
    """Builds C-ordered matrices of shape (rows, columns of the schema) with the schema's dtype.

    The values come from JSON: integers, booleans (as 0 and 1) and strings of numbers are cast to the type of the
    schema. None becomes NaN in floating-point columns and is refused for integers, as are fractions and values that
    do not fit the type. Columns are matched by name, or by order if the caller has no names. Columns that are not in
    the schema are dropped.
    """

    def __init__(
        self,
        names: tuple[Any, ...] | None,
        width: int,
        dtype: np.dtype[Any],
        *,
        whole: bool = False,
        kinds: Sequence[DataType] = (),
        integers: Mapping[int, np.dtype[Any]] | None = None,
    ) -> None:
        self.names = names
        self.width = width
        self.dtype = dtype
        self._whole = whole
        self._kinds = kinds
        self._integers = integers or {}
        self._integer_places = np.array(list(self._integers), np.intp)
        self._orders: dict[tuple[Any, ...], np.ndarray[Any, Any] | None] = {}

    def rows(self, columns: Sequence[Any] | None, rows: Sequence[Sequence[Any]]) -> np.ndarray[Any, Any]:
        """The matrix of ``rows`` with the column names ``columns``; None means the order of the schema.

        Raises InvalidParameter if a column is missing or duplicated, a row has the wrong length, or a value does not
        fit; the message names the column and the row, counted from 0.
        """
        if columns is None and self.names is None and not self._whole and rows:
            columns = range(len(rows[0]))
        order = None if columns is None else self._order(columns)
        return self._matrix(rows, self.width if columns is None else len(columns), columns or self.names, order)

    def records(self, records: Sequence[Mapping[Any, Any]]) -> np.ndarray[Any, Any]:
        """The matrix of rows that are given as dicts. Raises InvalidParameter like ``rows``.

        If only some records lack a key, its value counts as missing in these records.
        """
        names = self.names
        if names is None:  # the order of the first record is that of all
            found = list(dict.fromkeys(name for record in records for name in record))
            return self.rows(found, [[record.get(name) for name in found] for record in records])
        try:
            rows = [[record[name] for name in names] for record in records]
        except KeyError:
            check_names(names, list(dict.fromkeys(name for record in records for name in record)))
            rows = [[record.get(name) for name in names] for record in records]
        return self._matrix(rows, self.width, names, None)

    def _order(self, columns: Sequence[Any]) -> np.ndarray[Any, Any] | None:
        """The positions of the schema's columns among ``columns``; None if the order is already the schema's."""
        key = tuple(columns)
        if key == self.names:
            return None
        if key not in self._orders:
            if len(self._orders) >= REMEMBERED_ORDERS:
                self._orders.clear()
            self._orders[key] = self._new_order(key)
        return self._orders[key]

    def _new_order(self, columns: tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
        if self.names is None:
            if len(columns) < self.width or (self._whole and len(columns) > self.width):
                raise InvalidParameter(f"The model takes {self.width} columns; the input has {len(columns)}.")
            return None if len(columns) == self.width else np.arange(self.width)
        return np.array(places_of(list(self.names), list(columns)))

    def _matrix(
        self, rows: Sequence[Any], width: int, names: Sequence[Any] | None, order: np.ndarray[Any, Any] | None
    ) -> np.ndarray[Any, Any]:
        if not len(rows):
            return np.empty((0, self.width), self.dtype)
        try:
            matrix = self._at_once(rows)
        except (ValueError, TypeError, OverflowError, FloatingPointError):
            matrix = None
        if matrix is not None and matrix.shape == (len(rows), width):
            matrix = matrix if order is None else matrix[:, order]
            if self._has_integers(matrix):
                return matrix
        return self._one_by_one(rows, width, names, range(width) if order is None else order.tolist())

    def _at_once(self, rows: Sequence[Any]) -> np.ndarray[Any, Any] | None:
        """The matrix, converted by numpy; None if that could lose information."""
        if self.dtype == np.float64:
            return np.array(rows, np.float64)
        if self.dtype.kind == "f":
            with np.errstate(over="raise"):
                return np.array(rows, self.dtype)
        matrix = np.array(rows)
        if matrix.dtype == self.dtype or matrix.dtype.kind == "b":
            return matrix.astype(self.dtype, copy=False)
        return None

    def _has_integers(self, matrix: np.ndarray[Any, Any]) -> bool:
        """Whether all integer columns contain integers that fit into 32 bits."""
        if not self._integers:
            return True
        found = matrix[:, self._integer_places]
        return bool((np.trunc(found) == found).all() and (np.abs(found) < 2**31).all())

    def _one_by_one(
        self, rows: Sequence[Any], width: int, names: Sequence[Any] | None, order: Sequence[int]
    ) -> np.ndarray[Any, Any]:
        matrix = np.empty((len(rows), self.width), self.dtype)
        for number, row in enumerate(rows):
            if isinstance(row, (str, bytes, Mapping)) or not hasattr(row, "__len__") or len(row) != width:
                raise InvalidParameter(f"Row {number} must be a list of {width} values, one for each column.")
            for place, source in enumerate(order):
                try:
                    matrix[number, place] = self._exact(row[source], place)
                except Misfit as error:
                    name = source if names is None else names[source]
                    kind = repr(self._kinds[place]) if self._kinds else self.dtype
                    raise InvalidParameter(
                        f"Incompatible input types for column {name}, row {number}: {error} (expected {kind})."
                    ) from None
        return matrix

    def _exact(self, value: Any, place: int) -> float | int:
        if isinstance(value, np.generic):
            value = value.item()
        if place in self._integers:
            return exact_integer(value, dtype=self._integers[place])
        if self.dtype.kind == "f":
            return math.nan if value is None else exact_float(value, largest=float(np.finfo(self.dtype).max))
        return exact_integer(value, dtype=self.dtype)


@dataclass(frozen=True)
class MatrixCall:
    """How to call a model with a matrix: ``predict`` takes shape (rows, ``width``), columns in the order of ``names``.

    ``names`` is None if the model knows no names. The answer for each row must depend on that row alone.
    """

    names: tuple[str, ...] | None
    width: int
    predict: Callable[[np.ndarray], Any]


class MatrixPath:
    """Builds the matrix for a MatrixCall from rows, by the signature or by the model's own names."""

    def __init__(self, plan: MatrixPlan, call: MatrixCall, order: list[int] | None) -> None:
        self._plan = plan
        self._order = order
        self.predict = call.predict

    def rows(self, columns: Sequence[str] | None, rows: Sequence[Sequence[Any]]) -> np.ndarray:
        """The matrix (rows, width) for ``predict``. Raises InvalidParameter naming column and row."""
        matrix = self._plan.rows(columns, rows)
        return matrix if self._order is None else matrix[:, self._order]

    def records(self, records: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Like ``rows``, for rows that are given as dicts."""
        matrix = self._plan.records(records)
        return matrix if self._order is None else matrix[:, self._order]


def matrix_path(call: MatrixCall, schema: Schema | None) -> MatrixPath | None:
    """The path into ``call`` for the signature's inputs; None if they need a data frame."""
    plan = matrix_plan(schema if schema is not None and schema.inputs else _own_schema(call))
    if plan is None:
        return None
    if call.names is None or plan.names is None or call.names == plan.names:
        return MatrixPath(plan, call, None) if plan.width == call.width else None
    if not set(call.names) <= set(plan.names):
        return None
    return MatrixPath(plan, call, [plan.names.index(name) for name in call.names])


def _own_schema(call: MatrixCall) -> Schema:
    """The schema of a model without a signature: every column is a double."""
    if call.names is None:
        return Schema([TensorSpec(np.dtype(np.float64), (-1, call.width))])
    return Schema([ColSpec(DataType.double, name) for name in call.names])
