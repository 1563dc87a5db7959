"""AST to SQL: a filter becomes a condition on the entity's row, orders become sort keys.

A condition is never NULL: what cannot be compared compares false, so that NOT means what it says.
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

from mlyard.search.ast import All, AnyOf, Comparison, Kind, Node, Not, Order, required
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
class Side:
    """A table of keys and values beside the entity's: which column names the entity, whether keys are interned.

    ``narrow`` is a further condition on its rows. ``is_indexed``: the start of the value is in an index.
    """

    table: FromClause
    owner: str
    interned: bool = False
    is_indexed: bool = False
    narrow: ColumnElement[bool] | None = None
    # Whether an entity has one row a key at most; else the latest counts for orders.
    is_single: bool = True
    # Datasets have fields where the others have keys.
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Target:
    """How one entity is searched: its id, its attributes' columns, its tables beside."""

    id: Column[Any]
    columns: Mapping[str, ColumnElement[Any]]
    sides: Mapping[Kind, Side] = field(default_factory=dict)
    numeric: frozenset[str] = frozenset()
    # Attributes that are compared as text and sorted as something else.
    orders: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    # Tags whose absence counts as being different: MLflow's clients hide prompts with such a test.
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ordered:
    """A statement joined to what its order needs, and its sort keys."""

    statement: Select[Any]
    keys: list[SortKey]


class _Beside(NamedTuple):
    """The table that an order sorts by, and how it joins the entity's."""

    order: Order
    side: Side
    table: FromClause
    matching: ColumnElement[bool]


class Compiler:
    """Compiles filters and orders of one query; ``keys`` has the numbers of its interned keys."""

    def __init__(
        self, target: Target, keys: Mapping[str, int], narrows: Sequence[ColumnElement[bool] | None] = ()
    ) -> None:
        """``narrows``: for each order, a further condition on the rows that it sorts by."""
        self._target = target
        self._keys = keys
        self._narrows = narrows

    def condition(self, node: Node) -> ColumnElement[bool]:
        """The condition of a filter."""
        if isinstance(node, All):
            return and_(*(self.condition(part) for part in node.parts))
        if isinstance(node, AnyOf):
            return or_(*(self.condition(part) for part in node.parts))
        if isinstance(node, Not):
            return not_(self.condition(node.part).self_group())
        if node.kind == "attribute":
            column = self._target.columns[node.key]
            compared = _compare(column, node)
            return and_(column.is_not(None), compared) if getattr(column, "nullable", True) else compared
        return self._beside(node)

    def _beside(self, node: Comparison) -> ColumnElement[bool]:
        side = self._target.sides[node.kind]
        owners = select(side.table.c[side.owner]).where(self._of_key(side, node.key))
        target = self._target.id
        if node.op in {"IS NULL", "IS NOT NULL"}:
            return target.in_(owners) if node.op == "IS NOT NULL" else target.not_in(owners)
        value = _compare(side.table.c[(side.columns or {}).get(node.key, "value")], node)
        if node.op == "!=" and node.key in self._target.flags:
            return target.not_in(owners.where(not_(value)))
        if side.is_indexed and node.op == "=":
            start = func.substr(side.table.c.value, 1, INDEXED_VALUE) == str(node.value)[:INDEXED_VALUE]
            # A start that is not cut says all; saying it twice would mislead the planner.
            value = start if len(str(node.value)) < INDEXED_VALUE else and_(start, value)
        if node.kind == "metric":
            # NaN compares unequal to every number, and nothing else holds of it.
            not_nan = side.table.c.is_nan == 0
            value = or_(value, side.table.c.is_nan == 1) if node.op == "!=" else and_(not_nan, value)
        return target.in_(owners.where(value))

    def _of_key(self, side: Side, key: str) -> ColumnElement[bool]:
        narrow = literal(value=True) if side.narrow is None else side.narrow
        if side.columns is not None:
            return narrow
        name = self._keys.get(key, _NO_KEY) if side.interned else key
        of_key: ColumnElement[bool] = side.table.c.key == name
        return of_key if side.narrow is None else and_(of_key, narrow)

    def ordered(
        self, statement: Select[Any], orders: Sequence[Order], node: Node | None, ties: Sequence[SortKey]
    ) -> list[Ordered]:
        """The ways to read the statement in this order, to be tried one after the other.

        The first may see only what has a value of the first order: an index gives that in order, and most
        often it fills the page. The last one sees everything.
        """
        present = required(node)
        first = orders[0] if orders else None
        if first is None or first.kind == "attribute":
            return [self._ordered(statement, orders, ties, present, quick=False)]
        quick = self._ordered(statement, orders, ties, present, quick=True)
        if (first.kind, first.key) in present:
            return [quick]
        return [quick, self._ordered(statement, orders, ties, present, quick=False)]

    def _ordered(
        self,
        statement: Select[Any],
        orders: Sequence[Order],
        ties: Sequence[SortKey],
        present: set[tuple[Kind, str]],
        *,
        quick: bool,
    ) -> Ordered:
        keys: list[SortKey] = []
        for number, order in enumerate(orders):
            if order.kind == "attribute":
                keys += self._by_attribute(order)
            elif (quick and number == 0) or (order.kind, order.key) in present:
                statement, more = self._by_present(statement, self._beside_for(order, number))
                keys += more
            else:
                statement, more = self._by_side(statement, self._beside_for(order, number))
                keys += more
        return Ordered(statement, [*keys, *ties])

    def _beside_for(self, order: Order, number: int) -> _Beside:
        side = self._target.sides[order.kind]
        narrow = self._narrows[number] if number < len(self._narrows) else None
        if narrow is not None and order.kind == "metric":
            side = replace(side, narrow=narrow if side.narrow is None else and_(side.narrow, narrow))
        table = side.table.alias() if side.is_single else self._latest(side, order.key)
        aliased = Side(table, side.owner, side.interned)
        matching = and_(table.c[side.owner] == self._target.id, self._of_key(aliased, order.key))
        return _Beside(order, side, table, matching)

    def _by_present(self, statement: Select[Any], beside: _Beside) -> tuple[Select[Any], list[SortKey]]:
        """Only what has a value, and no NaN: as an index has it. The keys are those of ``_by_side``."""
        order, side, table, matching = beside
        statement = statement.join_from(self._target.id.table, table, matching)
        rank = SortKey(literal(0))
        if order.kind == "metric":
            return statement.where(table.c.is_nan == 0), [rank, SortKey(table.c.value, order.ascending)]
        start = func.substr(table.c.value, 1, INDEXED_VALUE) if side.is_indexed else table.c.value
        return statement, [rank, SortKey(start, order.ascending), SortKey(table.c.value, order.ascending)]

    def _latest(self, side: Side, key: str) -> FromClause:
        c = side.table.c
        newest = func.row_number().over(partition_by=c[side.owner], order_by=(c.timestamp.desc(), c.step.desc()))
        points = select(c[side.owner], c.key, c.value, c.is_nan, newest.label("rank")).where(self._of_key(side, key))
        ranked = points.subquery()
        return select(ranked).where(ranked.c.rank == 1).subquery()

    def _by_attribute(self, order: Order) -> list[SortKey]:
        column = self._target.orders.get(order.key, self._target.columns[order.key])
        if not getattr(column, "nullable", True):
            return [SortKey(column, order.ascending)]
        return nulls_last(column, order.ascending, 0 if order.key in self._target.numeric else "")

    def _by_side(self, statement: Select[Any], beside: _Beside) -> tuple[Select[Any], list[SortKey]]:
        order, side, table, matching = beside
        statement = statement.join_from(self._target.id.table, table, matching, isouter=True)
        if order.kind == "metric":
            rank = case((table.c.is_nan.is_(None), 2), else_=table.c.is_nan)
            value = case((table.c.value.is_(None), 0.0), else_=table.c.value)
            return statement, [SortKey(rank), SortKey(value, order.ascending)]
        missing, present = nulls_last(table.c.value, order.ascending, "")
        start = func.substr(present.expression, 1, INDEXED_VALUE) if side.is_indexed else present.expression
        return statement, [missing, SortKey(start, order.ascending), present]


def _compare(column: ColumnElement[Any], comparison: Comparison) -> ColumnElement[bool]:
    if comparison.op in _OPERATORS:
        return _OPERATORS[comparison.op](column, comparison.value)
    if comparison.op in {"LIKE", "ILIKE"}:
        return dialect.like(column, str(comparison.value), ignore_case=comparison.op == "ILIKE")
    assert isinstance(comparison.value, tuple)  # the parser gives IN a tuple
    members = column.in_(comparison.value)
    return members if comparison.op == "IN" else not_(members)
