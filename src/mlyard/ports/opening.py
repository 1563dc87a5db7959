"""Which stores there are: entry points of the group ``mlyard.stores``, named after the schemes of their URIs.

An entry point is a function of a URI and of the artifact root, below which experiments without a location of their own
keep their artifacts. It opens the store, or raises InvalidParameter. mlyard's own schemes are looked up in mlyard
alone: another package can neither take one of them nor, if it is broken, keep mlyard from opening it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, distributions, entry_points

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.ports.store import Store

ENTRY_POINTS = "mlyard.stores"
OpenStore = Callable[[str, str], Store]


def open_store(uri: str, artifact_root: str) -> Store:
    """The store of a URI. Raises InvalidParameter when no store has its scheme, and what the store raises."""
    scheme = scheme_of(uri)
    point = _find(scheme)
    if point is None:
        installed = {each.name for each in entry_points(group=ENTRY_POINTS)}
        known = ", ".join(f"{name}://…" for name in sorted(installed)) or "none: install mlyard again"
        raise InvalidParameter(
            f"The store address {f'{scheme}://…' if scheme else uri!r} is not supported. The stores that are installed "
            f"have addresses such as sqlite:///path/to/mlyard.db; their schemes are {known}."
        )
    return _load(point)(uri, artifact_root)


def is_server(uri: str) -> bool:
    """Whether a URI is the address of a tracking server."""
    return scheme_of(uri) in {"http", "https"}


def scheme_of(uri: str) -> str:
    """What a URI begins with, less the driver of a database; '' for a path."""
    scheme, separator, _ = uri.partition("://")
    return scheme.partition("+")[0].lower() if separator else ""


@cache
def _find(scheme: str) -> EntryPoint | None:
    """The entry point of a scheme: mlyard's own, else the first of another package."""
    own = (point for found in distributions(name="mlyard") for point in found.entry_points)
    points = [point for point in own if (point.group, point.name) == (ENTRY_POINTS, scheme)]
    points = points or list(entry_points(group=ENTRY_POINTS, name=scheme))
    return points[0] if points else None


def _load(point: EntryPoint) -> OpenStore:
    try:
        opener: OpenStore = point.load()
    except MlyardError:
        raise
    except Exception as error:
        package = point.dist.name if point.dist else "unknown"
        raise InvalidParameter(
            f"The store of {point.name}://… cannot be loaded: {point.value!r}, of the package {package!r}, raises "
            f"{error!r}. Repair that package, or use another store."
        ) from error
    return opener
