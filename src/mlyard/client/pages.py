"""All results of a paged search."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mlyard.domain.page import PagedList

_PAGE = 1000
T = TypeVar("T")


def all_pages(fetch: Callable[[int, str | None], PagedList[T]], max_results: int | None) -> list[T]:
    """Every result, or the first ``max_results``; ``fetch`` takes a page's size and token."""
    items: list[T] = []
    token: str | None = None
    while max_results is None or len(items) < max_results:
        size = _PAGE if max_results is None else min(_PAGE, max_results - len(items))
        page = fetch(size, token)
        items += page
        token = page.token
        if not token:
            break
    return items
