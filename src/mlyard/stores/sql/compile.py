"""Compiles the search language to SQL: a filter to a predicate on the entity's row, orders to sort keys.

A predicate is never NULL: what cannot be compared is false, so that NOT gives the exact opposite.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
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

from mlyard.search.ast import METRICS, And, Comparison, Kind, Node, Not, Or, Order, comparisons, required
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
    computed: bool = False  # the values are not stored as such
    # Datasets have a column for each field in place of keys.
    columns: Mapping[str, str] | None = None

    @property
    def is_sorted(self) -> bool:
        """Whether an index has the values of each key in order."""
        return self.interned and self.one_per_key and not self.computed


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
    """A statement, joined to the tables that its order needs, and its sort keys.

    ``walk``: reads the values of its order alone. It is given if the statement is worth a try only near the start.
    """

    statement: Select[Any]
    keys: list[SortKey]
    walk: Select[Any] | None = None


class _Join(NamedTuple):
    """A table that an order sorts by, the condition that joins it to the entity's, and that its value is a number."""

    order: Order
    values: ValueTable
    table: FromClause
    on: ColumnElement[bool]
    not_nan: tuple[ColumnElement[bool], ...]


class _Ordering(NamedTuple):
    """The orders of a query, what follows them, and what every entity has that matches the query."""

    orders: Sequence[Order]
    ties: Sequence[SortKey]
    present: set[tuple[Kind, str]]


class Compiler:
    """Compiles the filter and the orders of one query."""

    def __init__(
        self,
        target: Target,
        keys: Mapping[str, int],
        order_predicates: Sequence[ColumnElement[bool] | None] = (),
        entity: ColumnElement[Any] | None = None,
    ) -> None:
        """``keys``: the numbers of interned keys. ``order_predicates``: for each order, which rows it may sort by.

        ``entity``: what has the entity's id in predicates, if not the target's own column.
        """
        self._target = target
        self._keys = keys
        self._order_predicates = order_predicates
        self._entity = target.id if entity is None else entity

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
        target = self._entity
        if node.op in {"IS NULL", "IS NOT NULL"}:
            return target.in_(owners) if node.op == "IS NOT NULL" else target.not_in(owners)
        holds = _compare(values.table.c[(values.columns or {}).get(node.key, "value")], node)
        if self._is_null_safe(node):
            return target.not_in(owners.where(not_(holds)))
        if values.prefix_indexed and node.op == "=":
            prefix = values.table.c.prefix == str(node.value)[:INDEXED_VALUE]
            # A value that is shorter is its own prefix; comparing twice would mislead the planner's estimate.
            holds = prefix if len(str(node.value)) < INDEXED_VALUE else and_(prefix, holds)
        if node.kind in METRICS:
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
    ) -> Iterator[OrderedSelect]:
        """The statements to read the page with, to be tried in turn until one fills it.

        The first statements may leave out entities that have no value for the first order: an index has the others
        in this order, and usually they fill the page. The last statement leaves out nothing.
        """
        order = _Ordering(orders, ties, required(node))
        filtered = statement if node is None else statement.where(self.predicate(node))
        first = orders[0] if orders else None
        if first is None or first.kind == "attribute":
            yield self._ordered(filtered, order)
            return
        yield from self._by_index(statement, filtered, order, node)
        if (first.kind, first.key) not in order.present:
            yield self._ordered(filtered, order)

    def _by_index(
        self, statement: Select[Any], filtered: Select[Any], order: _Ordering, node: Node | None
    ) -> Iterator[OrderedSelect]:
        """The statements that leave out entities with no value for the first order.

        If a filter looks at values, there are two, because nobody knows how many entities in this order match it: one
        that follows the order, for as long as that is cheap, and one that first finds all entities that match.
        """
        join = self._join_for(order.orders[0], 0)
        walking = self._ordered(filtered, order, join)
        of_values, others = _by_kind(node)
        if not (of_values and join.values.is_sorted):
            yield walking
            return
        condition = self._of_key(replace(join.values, table=join.table), join.order.key)
        by = walking.keys[1]
        walk = select(by.expression).where(condition, *join.not_nan).order_by(by.ordered)
        yield replace(walking, walk=walk)
        rest = statement.where(*(self.predicate(part) for part in others))
        yield self._ordered(rest, order, self._found(join, of_values))

    def _found(self, join: _Join, of_values: Sequence[Node]) -> _Join:
        """The join with the rows of those entities only for which these parts of a filter hold.

        PostgreSQL must find them first: it would otherwise follow the order, in the hope that the first ones match.
        """
        table, owner = join.table, join.values.owner
        inside = Compiler(self._target, self._keys, entity=table.c[owner])
        condition = self._of_key(replace(join.values, table=table), join.order.key)
        sorted_by = ("prefix", "value") if join.values.prefix_indexed else ("value",)
        found = select(table.c[owner], *(table.c[name] for name in sorted_by)).where(condition, *join.not_nan)
        named = found.where(*(inside.predicate(part) for part in of_values)).cte("found")
        rows = named.prefix_with("MATERIALIZED", dialect=dialect.POSTGRESQL)
        by = (SortKey(rows.c[name], join.order.ascending).ordered for name in sorted_by)
        in_order = select(rows).order_by(*by).offset(0).subquery("in_order")
        return join._replace(table=in_order, on=in_order.c[owner] == self._target.id, not_nan=())

    def _ordered(self, statement: Select[Any], order: _Ordering, first: _Join | None = None) -> OrderedSelect:
        """The statement with its order. ``first``: the join for the first order, to leave out entities without it."""
        keys: list[SortKey] = []
        for number, one in enumerate(order.orders):
            if one.kind == "attribute":
                keys += self._by_attribute(one)
                continue
            join = (first if number == 0 else None) or self._join_for(one, number)
            inner = join is first or (one.kind, one.key) in order.present
            statement, more = (self._inner_join if inner else self._outer_join)(statement, join)
            keys += more
        return OrderedSelect(statement, [*keys, *order.ties])

    def _join_for(self, order: Order, number: int) -> _Join:
        values = self._target.value_tables[order.kind]
        predicate = self._order_predicates[number] if number < len(self._order_predicates) else None
        if predicate is not None and order.kind in METRICS:
            both = predicate if values.predicate is None else and_(values.predicate, predicate)
            values = replace(values, predicate=both)
        table = values.table.alias() if values.one_per_key else self._latest(values, order.key)
        aliased = ValueTable(table, values.owner, values.interned)
        on = and_(table.c[values.owner] == self._target.id, self._of_key(aliased, order.key))
        return _Join(order, values, table, on, (table.c.is_nan == 0,) if order.kind in METRICS else ())

    def _inner_join(self, statement: Select[Any], join: _Join) -> tuple[Select[Any], list[SortKey]]:
        """Leave out entities with no value or NaN, so that an index gives the order. Same keys as ``_outer_join``."""
        order, values, table, on, not_nan = join
        statement = statement.join_from(self._target.id.table, table, on).where(*not_nan)
        rank = SortKey(literal(0))
        if order.kind in METRICS:
            return statement, [rank, SortKey(table.c.value, order.ascending)]
        prefix = table.c.prefix if values.prefix_indexed else table.c.value
        return statement, [rank, SortKey(prefix, order.ascending), SortKey(table.c.value, order.ascending)]

    def _outer_join(self, statement: Select[Any], join: _Join) -> tuple[Select[Any], list[SortKey]]:
        order, values, table, on, _ = join
        statement = statement.join_from(self._target.id.table, table, on, isouter=True)
        if order.kind in METRICS:
            rank = case((table.c.is_nan.is_(None), 2), else_=table.c.is_nan)
            value = case((table.c.value.is_(None), 0.0), else_=table.c.value)
            return statement, [SortKey(rank), SortKey(value, order.ascending)]
        missing, present = nulls_last(table.c.value, order.ascending, "")
        prefix = nulls_last(table.c.prefix, order.ascending, "")[1] if values.prefix_indexed else present
        return statement, [missing, prefix, present]

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


def _by_kind(node: Node | None) -> tuple[list[Node], list[Node]]:
    """The parts of a filter that look only at values (params, tags, metrics, datasets), and the other parts."""
    parts = [] if node is None else list(node.parts) if isinstance(node, And) else [node]
    of_values = [part for part in parts if all(one.kind != "attribute" for one in comparisons(part))]
    return of_values, [part for part in parts if part not in of_values]


def _compare(column: ColumnElement[Any], comparison: Comparison) -> ColumnElement[bool]:
    if comparison.op in _OPERATORS:
        return _OPERATORS[comparison.op](column, comparison.value)
    if comparison.op in {"LIKE", "ILIKE"}:
        return dialect.like(column, str(comparison.value), ignore_case=comparison.op == "ILIKE")
    assert isinstance(comparison.value, tuple)  # the parser gives IN a tuple
    members = column.in_(comparison.value)
    return members if comparison.op == "IN" else not_(members)
