"""One search for every entity: filter, order, page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select

from mlyard.core.errors import InvalidParameter
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY, SearchQuery
from mlyard.search.ast import Node, Order, keys_of
from mlyard.search.fields import Fields
from mlyard.search.parser import parse_filter, parse_orders
from mlyard.stores.sql.compile import Compiler, Target
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.paging import Pages, SortKey


def lifecycle(column: Column[Any], view: str) -> list[ColumnElement[bool]]:
    """The condition for a view type. Raises InvalidParameter."""
    stages = {ACTIVE_ONLY: [ACTIVE], DELETED_ONLY: [DELETED], ALL: [ACTIVE, DELETED]}
    if view not in stages:
        raise InvalidParameter(f"Invalid view type {view!r}. Use one of {', '.join(stages)}.")
    return [column == stages[view][0]] if view != ALL else []


def check_limit(max_results: int, limit: int) -> None:
    """Raises InvalidParameter when a page's size is out of bounds."""
    if not 1 <= max_results <= limit:
        raise InvalidParameter(
            f"Invalid value {max_results} for parameter 'max_results' supplied: it must be at least 1 and at most "
            f"{limit}, which is the maximum allowed. Hint: Value was of type 'int'."
        )


@dataclass(frozen=True)
class Search:
    """How one entity is searched: its fields, its tables, how ties are broken, how large a page may be."""

    fields: Fields
    target: Target
    ties: tuple[SortKey, ...]
    limit: int

    def prepare(
        self, database: Database, query: SearchQuery, narrows: Sequence[ColumnElement[bool] | None] = ()
    ) -> Prepared:
        """Read the query; ``narrows`` are conditions on what each order sorts by. Raises InvalidParameter."""
        check_limit(query.max_results, self.limit)
        node = parse_filter(query.filter, self.fields)
        orders = parse_orders(query.order_by, self.fields)
        keys = database.keys.find({*keys_of(node), *(order.key for order in orders if order.kind != "attribute")})
        return Prepared(self, query, node, orders, Compiler(self.target, keys, narrows))


@dataclass(frozen=True)
class Prepared:
    """A query that was read and can be run, as often as it takes."""

    search: Search
    query: SearchQuery
    node: Node | None
    orders: Sequence[Order]
    compiler: Compiler

    def run(self, connection: Connection, pages: Pages, statement: Select[Any]) -> tuple[Sequence[Any], str | None]:
        """Rows of one page of those that the statement selects, and the next page's token."""
        if self.node is not None:
            statement = statement.where(self.compiler.condition(self.node))
        rows: Sequence[Any] = ()
        token: str | None = None
        for way in self.compiler.ordered(statement, self.orders, self.node, self.search.ties):
            rows, token = pages.read(connection, way.statement, way.keys, self.query.max_results, self.query.page_token)
            if token:
                break
        return rows, token
