"""Paged lists, and the queries that return them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import structs

from mlyard.core.errors import InvalidParameter

T = TypeVar("T")

ACTIVE_ONLY, DELETED_ONLY, ALL = "ACTIVE_ONLY", "DELETED_ONLY", "ALL"


class PagedList(list[T]):
    """A page of results, and the ``token`` of the next page (None or '' if this is the last)."""

    def __init__(self, items: Iterable[T] = (), token: str | None = None) -> None:
        super().__init__(items)
        self.token = token

    def to_list(self) -> list[T]:
        """The items as a plain list."""
        return list(self)


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to search for: a filter, an order and a page. ``view`` is ACTIVE_ONLY, DELETED_ONLY or ALL."""

    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_results: int = 1000
    page_token: str | None = None
    view: str = ACTIVE_ONLY


def scope_of(entity: str, query: SearchQuery) -> bytes:
    """What the pages of one search have in common: everything but the size of a page and its token."""
    return msgspec.msgpack.encode((entity, structs.replace(query, max_results=0, page_token=None)))


def wrong_token(token: str) -> InvalidParameter:
    """The error for a page token that does not belong to the search."""
    return InvalidParameter(
        f"Invalid page token {token[:60]!r}: pass the token of the previous answer, unchanged, and the same search "
        "(filter, order, experiments and so on) for every page."
    )


class ScopedQuery(SearchQuery, frozen=True, kw_only=True):
    """A search within experiments. Without experiment ids it finds nothing."""

    experiment_ids: tuple[str, ...] = ()
