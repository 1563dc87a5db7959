"""Searches, the same for every kind of entity: filter, order, page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, select

from mlyard.core.errors import InvalidParameter
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY, SearchQuery, scope_of
from mlyard.search.ast import Node, Order, keys_of
from mlyard.search.fields import Fields
from mlyard.search.figures import possible_figures, with_figures
from mlyard.search.parser import parse_filter, parse_orders
from mlyard.stores.sql import tables
from mlyard.stores.sql.compile import Compiler, OrderedSelect, Target
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Paginator, SortKey

_WALK, _WALKED = 1000, 4
"""How many entities a search looks at in its order before it looks for matches first: at least, and for each result."""


def lifecycle(column: Column[Any], view: str) -> list[ColumnElement[bool]]:
    """The predicate for a view type. Raises InvalidParameter."""
    stages = {ACTIVE_ONLY: [ACTIVE], DELETED_ONLY: [DELETED], ALL: [ACTIVE, DELETED]}
    if view not in stages:
        raise InvalidParameter(f"Invalid view type {view!r}. Use one of {', '.join(stages)}.")
    return [column == stages[view][0]] if view != ALL else []


def check_limit(max_results: int, limit: int) -> None:
    """Check the size of a page. Raises InvalidParameter."""
    if not 1 <= max_results <= limit:
        raise InvalidParameter(
            f"Invalid value {max_results} for parameter 'max_results' supplied: it must be at least 1 and at most "
            f"{limit}, which is the maximum allowed. Hint: Value was of type 'int'."
        )


@dataclass(frozen=True)
class Search:
    """How one kind of entity is searched: its fields and tables, the order of ties, and the largest page.

    ``ordered_ties``: the order of ties of a query that has orders, if that is another one.
    """

    fields: Fields
    target: Target
    ties: tuple[SortKey, ...]
    limit: int
    ordered_ties: tuple[SortKey, ...] = ()
    has_figures: bool = False  # metrics have figures, such as metrics.loss.min

    def compile(
        self, database: Database, query: SearchQuery, order_predicates: Sequence[ColumnElement[bool] | None] = ()
    ) -> CompiledSearch:
        """Read a query. ``order_predicates``: for each order, which rows it may sort by. Raises InvalidParameter."""
        check_limit(query.max_results, self.limit)
        node = parse_filter(query.filter, self.fields)
        orders: Sequence[Order] = parse_orders(query.order_by, self.fields)
        if self.has_figures:
            node, orders = with_figures(node, orders, _logged(database, possible_figures(node, orders)))
        keys = database.keys.find({*keys_of(node), *(order.key for order in orders if order.kind != "attribute")})
        return CompiledSearch(self, query, node, orders, Compiler(self.target, keys, order_predicates))


def _logged(database: Database, names: set[str]) -> set[str]:
    """Those names under which a metric was logged."""
    if not names:
        return set()
    key = tables.latest_metrics.c.key

    def work(connection: Connection) -> set[str]:
        first = {name: select(key).where(key == number).limit(1) for name, number in numbers.items()}
        return {name for name, statement in first.items() if connection.execute(statement).first()}

    numbers = database.keys.find(names)
    return database.read(work) if numbers else set()


@dataclass(frozen=True)
class CompiledSearch:
    """A query that has been read and can be run, more than once if need be."""

    search: Search
    query: SearchQuery
    node: Node | None
    orders: Sequence[Order]
    compiler: Compiler

    def run(
        self, connection: Connection, paginator: Paginator, statement: Select[Any]
    ) -> tuple[Sequence[Any], str | None]:
        """The rows of one page, out of those that the statement selects, and the token of the next page."""
        rows: Sequence[Any] = ()
        token: str | None = None
        size, after = self.query.max_results, self.query.page_token
        scope = scope_of(self.search.fields.entity, self.query)
        ties = (self.search.ordered_ties if self.orders else ()) or self.search.ties
        for ordered in self.compiler.ordered(statement, self.orders, self.node, ties):
            found = ordered.statement
            if ordered.walk is not None:
                values = paginator.values(after, scope) if after else None
                edge = _edge(connection, ordered, ordered.walk, values, max(_WALK, _WALKED * size))
                if edge is None:
                    continue
                found = found.where(ordered.keys[1].up_to(edge))
            rows, token = paginator.read(connection, found, ordered.keys, size, after, scope)
            if token:
                break
        return rows, token


def _edge(
    connection: Connection, ordered: OrderedSelect, walk: Select[Any], values: Sequence[Any] | None, steps: int
) -> Any:
    """The value of the order after so many steps; None if the order ends before."""
    by = ordered.keys[1]
    if values is not None:
        walk = walk.where(by.starting_at(values[1]))
    return connection.execute(walk.offset(steps).limit(1)).scalar()
