"""Converts what users pass into what the stores take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

from mlyard.domain.page import ACTIVE_ONLY, ALL, DELETED_ONLY, SearchQuery

_VIEWS = {1: ACTIVE_ONLY, 2: DELETED_ONLY, 3: ALL}


def view_of(view_type: int | str) -> str:
    """The name of a view type, which may be given as MLflow's number."""
    return _VIEWS.get(view_type, str(view_type)) if isinstance(view_type, int) else view_type


def several(values: Iterable[Any] | str | int | None) -> tuple[str, ...]:
    """Ids, names or columns as text. One that is passed without a list is that one, not its characters."""
    if values is None:
        return ()
    if isinstance(values, (str, int, Integral)):  # NumPy's integers are Integral, but not int
        return (str(values),)
    return tuple(str(value) for value in values)


def texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    """Keys and values as text, as the stores take them."""
    return {str(key): str(value) for key, value in (values or {}).items()}


def query_of(
    filter_string: str | None, max_results: int, order_by: Iterable[str] | str | None, page_token: str | None
) -> SearchQuery:
    """A search for one page, from the arguments of a search call."""
    return SearchQuery(
        filter=filter_string or "", order_by=several(order_by), max_results=max_results, page_token=page_token
    )
