"""Which stores there are: entry points of the group ``mlyard.stores``, named after the schemes of their URIs.

An entry point is a function of a URI and of the artifact root, below which experiments without a location of their own
keep their artifacts. It opens the store, or raises InvalidParameter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from mlyard.core.errors import InvalidParameter
from mlyard.ports.store import Store

ENTRY_POINTS = "mlyard.stores"
OpenStore = Callable[[str, str], Store]


def open_store(uri: str, artifact_root: str) -> Store:
    """The store of a URI. Raises InvalidParameter when no store has its scheme, and what the store raises."""
    scheme = scheme_of(uri)
    if not has_store(scheme):
        known = ", ".join(f"{name}://…" for name in sorted(_stores())) or "none: install mlyard again"
        raise InvalidParameter(
            f"The store address {f'{scheme}://…' if scheme else uri!r} is not supported. The stores that are installed "
            f"have addresses such as sqlite:///path/to/mlyard.db; their schemes are {known}."
        )
    opener: OpenStore = _stores()[scheme].load()
    return opener(uri, artifact_root)


def has_store(scheme: str) -> bool:
    """Whether a store has the scheme."""
    return scheme in _stores()


def scheme_of(uri: str) -> str:
    """What a URI begins with, less the driver of a database; '' for a path."""
    scheme, separator, _ = uri.partition("://")
    return scheme.partition("+")[0].lower() if separator else ""


@cache
def _stores() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
