"""Compiles the search language to SQL: a filter to a predicate on the entity's row, orders to sort keys.

A predicate is never NULL: what cannot be compared is false, so that NOT gives the exact opposite.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)

from mlyard.search.ast import And, Comparison, Kind, Node, Not, Or, Order, required
from mlyard.stores.sql import dialect
from mlyard.stores.sql.paging import SortKey, nulls_last
from mlyard.stores.sql.tables import INDEXED_VALUE

_OPERATORS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NO_KEY = -1


@dataclass(frozen=True)
class ValueTable:
    """A table with an entity's values by key: its tags, params, metrics or datasets.

    ``owner`` is the column that refers to the entity. ``interned``: keys are stored as numbers.
    ``prefix_indexed``: an index has the first characters of the values. ``predicate`` selects some of the rows.
    """

    table: FromClause
    owner: str
    interned: bool = False
    prefix_indexed: bool = False
    predicate: ColumnElement[bool] | None = None
    # False: an entity can have many rows with one key, and orders look at the latest.
    one_per_key: bool = True
    # Datasets have a column for each field in place of keys.
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Target:
    """What is searched: an entity's id, the columns of its attributes, and the tables of its values."""

    id: Column[Any]
    columns: Mapping[str, ColumnElement[Any]]
    value_tables: Mapping[Kind, ValueTable] = field(default_factory=dict)
    numeric: frozenset[str] = frozenset()
    # Attributes that are compared as text but sorted by another expression.
    orders: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    # Kinds and keys for which != is also true if the entity has no such value.
    null_safe: frozenset[tuple[Kind, str]] = frozenset()


@dataclass(frozen=True)
class OrderedSelect:
    """A statement, joined to the tables that its order needs, and its sort keys."""

    statement: Select[Any]
    keys: list[SortKey]


class _Join(NamedTuple):
    """A table that an order sorts by, and the condition that joins it to the entity's."""

    order: Order
    values: ValueTable
    table: FromClause
    on: ColumnElement[bool]


class Compiler:
    """Compiles the filter and the orders of one query."""

    def __init__(
        self, target: Target, keys: Mapping[str, int], order_predicates: Sequence[ColumnElement[bool] | None] = ()
    ) -> None:
        """``keys``: the numbers of interned keys. ``order_predicates``: for each order, which rows it may sort by."""
        self._target = target
        self._keys = keys
        self._order_predicates = order_predicates

    def predicate(self, node: Node) -> ColumnElement[bool]:
        """The predicate of a filter."""
        if isinstance(node, And):
            return and_(*(self.predicate(part) for part in node.parts))
        if isinstance(node, Or):
            return or_(*(self.predicate(part) for part in node.parts))
        if isinstance(node, Not):
            return not_(self.predicate(node.part).self_group())
        if node.kind == "attribute":
            column = self._target.columns[node.key]
            compared = _compare(column, node)
            if self._is_null_safe(node):
                return or_(column.is_(None), compared)
            return and_(column.is_not(None), compared) if getattr(column, "nullable", True) else compared
        return self._semi_join(node)

    def _semi_join(self, node: Comparison) -> ColumnElement[bool]:
        """That the entity has a value for which the comparison holds."""
        values = self._target.value_tables[node.kind]
        owners = select(values.table.c[values.owner]).where(self._of_key(values, node.key))
        target = self._target.id
        if node.op in {"IS NULL", "IS NOT NULL"}:
            return target.in_(owners) if node.op == "IS NOT NULL" else target.not_in(owners)
        holds = _compare(values.table.c[(values.columns or {}).get(node.key, "value")], node)
        if self._is_null_safe(node):
            return target.not_in(owners.where(not_(holds)))
        if values.prefix_indexed and node.op == "=":
            prefix = func.substr(values.table.c.value, 1, INDEXED_VALUE) == str(node.value)[:INDEXED_VALUE]
            # A value that is shorter is its own prefix; comparing twice would mislead the planner's estimate.
            holds = prefix if len(str(node.value)) < INDEXED_VALUE else and_(prefix, holds)
        if node.kind == "metric":
            # NaN differs from every number; no other comparison holds for it.
            not_nan = values.table.c.is_nan == 0
            holds = or_(holds, values.table.c.is_nan == 1) if node.op == "!=" else and_(not_nan, holds)
        return target.in_(owners.where(holds))

    def _is_null_safe(self, node: Comparison) -> bool:
        return node.op == "!=" and (node.kind, node.key) in self._target.null_safe

    def _of_key(self, values: ValueTable, key: str) -> ColumnElement[bool]:
        """Which rows have the key, of those that the table's predicate selects."""
        if values.columns is not None:
            return literal(value=True) if values.predicate is None else values.predicate
        name = self._keys.get(key, _NO_KEY) if values.interned else key
        has_key: ColumnElement[bool] = values.table.c.key == name
        return has_key if values.predicate is None else and_(has_key, values.predicate)

    def ordered(
        self, statement: Select[Any], orders: Sequence[Order], node: Node | None, ties: Sequence[SortKey]
    ) -> list[OrderedSelect]:
        """The statements to read the page with, to be tried in turn until one fills it.

        The first statement may leave out entities that have no value for the first order: an index has the others
        in this order, and usually they fill the page. The last statement leaves out nothing.
        """
        present = required(node)
        first = orders[0] if orders else None
        if first is None or first.kind == "attribute":
            return [self._ordered(statement, orders, ties, present, only_with_first=False)]
        by_index = self._ordered(statement, orders, ties, present, only_with_first=True)
        if (first.kind, first.key) in present:
            return [by_index]
        return [by_index, self._ordered(statement, orders, ties, present, only_with_first=False)]

    def _ordered(
        self,
        statement: Select[Any],
        orders: Sequence[Order],
        ties: Sequence[SortKey],
        present: set[tuple[Kind, str]],
        *,
        only_with_first: bool,
    ) -> OrderedSelect:
        keys: list[SortKey] = []
        for number, order in enumerate(orders):
            if order.kind == "attribute":
                keys += self._by_attribute(order)
                continue
            is_present = (only_with_first and number == 0) or (order.kind, order.key) in present
            join = self._inner_join if is_present else self._outer_join
            statement, more = join(statement, self._join_for(order, number))
            keys += more
        return OrderedSelect(statement, [*keys, *ties])

    def _join_for(self, order: Order, number: int) -> _Join:
        values = self._target.value_tables[order.kind]
        predicate = self._order_predicates[number] if number < len(self._order_predicates) else None
        if predicate is not None and order.kind == "metric":
            both = predicate if values.predicate is None else and_(values.predicate, predicate)
            values = replace(values, predicate=both)
        table = values.table.alias() if values.one_per_key else self._latest(values, order.key)
        aliased = ValueTable(table, values.owner, values.interned)
        on = and_(table.c[values.owner] == self._target.id, self._of_key(aliased, order.key))
        return _Join(order, values, table, on)

    def _inner_join(self, statement: Select[Any], join: _Join) -> tuple[Select[Any], list[SortKey]]:
        """Leave out entities with no value or NaN, so that an index gives the order. Same keys as ``_outer_join``."""
        order, values, table, on = join
        statement = statement.join_from(self._target.id.table, table, on)
        rank = SortKey(literal(0))
        if order.kind == "metric":
            return statement.where(table.c.is_nan == 0), [rank, SortKey(table.c.value, order.ascending)]
        prefix = func.substr(table.c.value, 1, INDEXED_VALUE) if values.prefix_indexed else table.c.value
        return statement, [rank, SortKey(prefix, order.ascending), SortKey(table.c.value, order.ascending)]

    def _outer_join(self, statement: Select[Any], join: _Join) -> tuple[Select[Any], list[SortKey]]:
        order, values, table, on = join
        statement = statement.join_from(self._target.id.table, table, on, isouter=True)
        if order.kind == "metric":
            rank = case((table.c.is_nan.is_(None), 2), else_=table.c.is_nan)
            value = case((table.c.value.is_(None), 0.0), else_=table.c.value)
            return statement, [SortKey(rank), SortKey(value, order.ascending)]
        missing, present = nulls_last(table.c.value, order.ascending, "")
        prefix = func.substr(present.expression, 1, INDEXED_VALUE) if values.prefix_indexed else present.expression
        return statement, [missing, SortKey(prefix, order.ascending), present]

    def _latest(self, values: ValueTable, key: str) -> FromClause:
        c = values.table.c
        newest = func.row_number().over(partition_by=c[values.owner], order_by=(c.timestamp.desc(), c.step.desc()))
        has_key = self._of_key(values, key)
        ranked = select(c[values.owner], c.key, c.value, c.is_nan, newest.label("rank")).where(has_key).subquery()
        return select(ranked).where(ranked.c.rank == 1).subquery()

    def _by_attribute(self, order: Order) -> list[SortKey]:
        column = self._target.orders.get(order.key, self._target.columns[order.key])
        if not getattr(column, "nullable", True):
            return [SortKey(column, order.ascending)]
        return nulls_last(column, order.ascending, 0 if order.key in self._target.numeric else "")


def _compare(column: ColumnElement[Any], comparison: Comparison) -> ColumnElement[bool]:
    if comparison.op in _OPERATORS:
        return _OPERATORS[comparison.op](column, comparison.value)
    if comparison.op in {"LIKE", "ILIKE"}:
        return dialect.like(column, str(comparison.value), ignore_case=comparison.op == "ILIKE")
    assert isinstance(comparison.value, tuple)  # the parser gives IN a tuple
    members = column.in_(comparison.value)
    return members if comparison.op == "IN" else not_(members)
