"""AST to SQL: comparisons become conditions on the entity's row, orders become sort keys."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, case, literal, select

from mlyard.search.ast import Comparison, Kind, Order
from mlyard.stores.sql import dialect, tables
from mlyard.stores.sql.paging import SortKey, nulls_last

_OPERATORS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Side:
    """A table of keys and values beside the entity's: which column names the entity, whether keys are interned."""

    table: Table
    owner: str
    interned: bool = False

    def of_key(self, key: str) -> ColumnElement[bool]:
        """The rows of one key."""
        name: ColumnElement[Any] = literal(key)
        if self.interned:
            name = select(tables.keys.c.id).where(tables.keys.c.name == key).scalar_subquery()
        return self.table.c.key == name


@dataclass(frozen=True)
class Target:
    """How one entity is searched: its id, its attributes' columns, its tables beside."""

    id: Column[Any]
    columns: Mapping[str, ColumnElement[Any]]
    sides: Mapping[Kind, Side] = field(default_factory=dict)
    numeric: frozenset[str] = frozenset()
    # Tags whose absence counts as being different: MLflow's clients hide prompts with such a test.
    flags: frozenset[str] = frozenset()


def conditions(comparisons: Iterable[Comparison], target: Target) -> list[ColumnElement[bool]]:
    """One condition a comparison, to be joined by AND."""
    return [_condition(comparison, target) for comparison in comparisons]


def _condition(comparison: Comparison, target: Target) -> ColumnElement[bool]:
    if comparison.kind == "attribute":
        return _compare(target.columns[comparison.key], comparison)
    side = target.sides[comparison.kind]
    matching = side.of_key(comparison.key)
    if comparison.op in {"IS NULL", "IS NOT NULL"}:
        present = target.id.in_(select(side.table.c[side.owner]).where(matching))
        return present if comparison.op == "IS NOT NULL" else ~present
    value = _compare(side.table.c.value, comparison)
    if comparison.op == "!=" and comparison.key in target.flags:
        return ~target.id.in_(select(side.table.c[side.owner]).where(matching, ~value))
    if comparison.kind == "metric":
        # NaN compares unequal to every number, and nothing else holds of it.
        not_nan = side.table.c.is_nan == 0
        value = (value | ~not_nan) if comparison.op == "!=" else and_(not_nan, value)
    return target.id.in_(select(side.table.c[side.owner]).where(matching, value))


def _compare(column: ColumnElement[Any], comparison: Comparison) -> ColumnElement[bool]:
    if comparison.op in _OPERATORS:
        return _OPERATORS[comparison.op](column, comparison.value)
    if comparison.op in {"LIKE", "ILIKE"}:
        return dialect.like(column, str(comparison.value), ignore_case=comparison.op == "ILIKE")
    assert isinstance(comparison.value, tuple)  # the parser gives IN a tuple
    members = column.in_(comparison.value)
    return members if comparison.op == "IN" else ~members


def ordered(
    statement: Select[Any], orders: Iterable[Order], target: Target, ties: Iterable[SortKey]
) -> tuple[Select[Any], list[SortKey]]:
    """The statement joined to what its orders need, and the sort keys, ``ties`` at the end."""
    keys: list[SortKey] = []
    for order in orders:
        if order.kind == "attribute":
            empty = 0 if order.key in target.numeric else ""
            keys += nulls_last(target.columns[order.key], order.ascending, empty)
        else:
            statement, more = _by_side(statement, order, target)
            keys += more
    return statement, [*keys, *ties]


def _by_side(statement: Select[Any], order: Order, target: Target) -> tuple[Select[Any], list[SortKey]]:
    side = target.sides[order.kind]
    table = side.table.alias()
    aliased = Side(table, side.owner, side.interned)  # type: ignore[arg-type]  # an alias has the table's columns
    matching = and_(table.c[side.owner] == target.id, aliased.of_key(order.key))
    statement = statement.join_from(target.id.table, table, matching, isouter=True)
    if order.kind != "metric":
        return statement, nulls_last(table.c.value, order.ascending, "")
    rank = case((table.c.is_nan.is_(None), 2), else_=table.c.is_nan)
    value = case((table.c.value.is_(None), 0.0), else_=table.c.value)
    return statement, [SortKey(rank), SortKey(value, order.ascending)]
