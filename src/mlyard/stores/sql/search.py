"""One search for every entity: filter, order, page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select

from mlyard.core.errors import InvalidParameter
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY, SearchQuery
from mlyard.search.fields import Fields
from mlyard.search.parser import parse_filter, parse_order
from mlyard.stores.sql.compile import Target, conditions, ordered
from mlyard.stores.sql.paging import SortKey, cut, page


def lifecycle(column: Column[Any], view: str) -> list[ColumnElement[bool]]:
    """The condition for a view type. Raises InvalidParameter."""
    stages = {ACTIVE_ONLY: [ACTIVE], DELETED_ONLY: [DELETED], ALL: [ACTIVE, DELETED]}
    if view not in stages:
        raise InvalidParameter(f"Invalid view type {view!r}. Use one of {', '.join(stages)}.")
    return [column.in_(stages[view])] if view != ALL else []


def run_search(
    connection: Connection,
    statement: Select[Any],
    query: SearchQuery,
    fields: Fields,
    target: Target,
    ties: Sequence[SortKey],
    limit: int,
) -> tuple[Sequence[Any], str | None]:
    """Rows of one page and the next page's token. Raises InvalidParameter."""
    if not 1 <= query.max_results <= limit:
        raise InvalidParameter(
            f"Invalid value {query.max_results} for parameter 'max_results' supplied: it must be from 1 to {limit}. "
            "Hint: Value was of type 'int'."
        )
    orders = [parse_order(clause, fields) for clause in query.order_by if clause.strip()]
    statement = statement.where(*conditions(parse_filter(query.filter, fields), target))
    statement, keys = ordered(statement, orders, target, ties)
    found = connection.execute(page(statement, keys, query.max_results, query.page_token)).all()
    return cut(found, keys, query.max_results)
