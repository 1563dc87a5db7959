"""Lists that come in pages, and the question that asks for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

T = TypeVar("T")

ACTIVE_ONLY, DELETED_ONLY, ALL = "ACTIVE_ONLY", "DELETED_ONLY", "ALL"


class PagedList(list[T]):
    """A list with the ``token`` of the page after it; None or '' when it is the last."""

    def __init__(self, items: Iterable[T] = (), token: str | None = None) -> None:
        super().__init__(items)
        self.token = token

    def to_list(self) -> list[T]:
        """The items alone."""
        return list(self)


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A filter, an order and a page. ``view`` is ACTIVE_ONLY, DELETED_ONLY or ALL."""

    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_results: int = 1000
    page_token: str | None = None
    view: str = ACTIVE_ONLY


class ScopedQuery(SearchQuery, frozen=True, kw_only=True):
    """A search within experiments. No experiment ids: nothing is found."""

    experiment_ids: tuple[str, ...] = ()
