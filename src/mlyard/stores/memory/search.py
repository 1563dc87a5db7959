"""Searches over objects in memory, by the evaluator."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from mlyard.core.errors import InvalidParameter
from mlyard.domain.experiments import ACTIVE, DELETED
from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY, PagedList, SearchQuery, scope_of, wrong_token
from mlyard.search.ast import Order
from mlyard.search.evaluate import Values, holds, ordered
from mlyard.search.fields import Fields
from mlyard.search.figures import with_figures
from mlyard.search.parser import parse_filter, parse_orders

T = TypeVar("T")


def stages(view: str) -> set[str]:
    """The lifecycle stages of a view type. Raises InvalidParameter."""
    known = {ACTIVE_ONLY: {ACTIVE}, DELETED_ONLY: {DELETED}, ALL: {ACTIVE, DELETED}}
    if view not in known:
        raise InvalidParameter(f"Invalid view type {view!r}. Use one of {', '.join(known)}.")
    return known[view]


def values(attributes: Mapping[str, Any], **kinds: Mapping[str, Any]) -> Values:
    """The values of an entity, for the evaluator: its attributes, and its metrics, params, tags and datasets by key."""

    def of(kind: str, key: str) -> Sequence[Any]:
        if kind == "attribute":
            return [] if attributes[key] is None else [attributes[key]]
        found = kinds.get(kind, {}).get(key)
        if found is None:
            return []
        return list(found) if isinstance(found, (list, tuple)) else [found]

    return of


def search(
    entities: Iterable[T],
    query: SearchQuery,
    fields: Fields,
    values_of: Callable[[T], Values],
    limit: int,
    logged: Container[str] | None = None,
) -> PagedList[T]:
    """One page of the entities that match. ``entities`` must come in the order of ties.

    ``logged``: the names of all metrics, if the entities have figures of them.
    """
    if not 1 <= query.max_results <= limit:
        raise InvalidParameter(
            f"Invalid value {query.max_results} for parameter 'max_results' supplied: it must be at least 1 and at "
            f"most {limit}, which is the maximum allowed."
        )
    node = parse_filter(query.filter, fields)
    orders: Sequence[Order] = parse_orders(query.order_by, fields)
    if logged is not None:
        node, orders = with_figures(node, orders, logged)
    matching = [entity for entity in entities if holds(node, values_of(entity), fields.null_safe)]
    scope = scope_of(fields.entity, query)
    return page(ordered(matching, orders, values_of), query.max_results, query.page_token, scope)


def page(found: Sequence[T], size: int, token: str | None, scope: bytes) -> PagedList[T]:
    """One page of a list. The token is the index at which the next page begins, and a hash of what it belongs to."""
    index = (token or "").partition("-")[0]
    if token and not (index.isascii() and index.isdigit() and token == _token(int(index), scope)):
        raise wrong_token(token)
    start = int(index or 0)
    end = start + size
    return PagedList(found[start:end], _token(end, scope) if end < len(found) else None)


def _token(index: int, scope: bytes) -> str:
    return f"{index}-{hashlib.sha256(b'%d %b' % (index, scope)).hexdigest()}"
