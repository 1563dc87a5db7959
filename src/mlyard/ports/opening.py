"""Which stores there are: entry points of the group ``mlyard.stores``, named after the schemes of their URIs.

An entry point is a function of a URI and of the artifact root, below which experiments without a location of their own
keep their artifacts. It opens the store, or raises InvalidParameter. If the store can read from a replica, the function
takes its address as ``read_replica_uri``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint
from inspect import signature
from pathlib import Path

from mlyard.core.entry_points import load, points_of
from mlyard.core.errors import InvalidParameter
from mlyard.domain.uris import new_location
from mlyard.ports.store import Store

ENTRY_POINTS = "mlyard.stores"
DATABASE_FILE = "mlyard.db"  # in a folder that is used as a store
OpenStore = Callable[..., Store]


def open_store(uri: str, artifact_root: str, read_replica_uri: str = "") -> Store:
    """The store of a URI; a relative ``artifact_root`` is in the current folder.

    ``read_replica_uri``: the address of a replica of the store, for reads.

    Raises InvalidParameter when no store has the scheme, and what the store raises.
    """
    scheme = scheme_of(uri)
    point = _find(scheme)
    if point is None:
        installed = {each.name for each in points_of(ENTRY_POINTS)}
        known = ", ".join(f"{name}://…" for name in sorted(installed)) or "none: install mlyard again"
        raise InvalidParameter(
            f"The store address {_shown(uri, scheme)} is not supported. The stores that are installed "
            f"have addresses such as sqlite:///path/to/mlyard.db; their schemes are {known}."
        )
    opener: OpenStore = load(point, f"The store of {point.name}://…")
    if not read_replica_uri:
        return opener(uri, new_location(artifact_root))
    if "read_replica_uri" not in signature(opener).parameters:
        raise InvalidParameter(f"The store of {point.name}://… cannot have a read replica.")
    return opener(uri, new_location(artifact_root), read_replica_uri=read_replica_uri)


def _shown(uri: str, scheme: str) -> str:
    """What a message may show of an address: what is before an '@' may be a password."""
    if scheme and "@" not in scheme:
        return repr(f"{scheme}://…")
    return "with an '@' but without a scheme" if "@" in uri else repr(uri)


def check_folder(folder: Path) -> None:
    """Check that a folder neither is MLflow's file store nor holds one. Raises InvalidParameter."""
    place = None if (folder / DATABASE_FILE).exists() else mlflow_store_in(folder)
    if place is not None:
        raise InvalidParameter(
            f"The folder {str(place)!r} is a store of MLflow, and mlyard leaves it as it is: pass another folder, "
            "or the address of a database of its own, such as sqlite:///mlyard.db. mlyard cannot import it yet, so "
            "keep MLflow's own server for its runs."
        )


def mlflow_store_in(folder: Path) -> Path | None:
    """MLflow's file store that a folder is or holds; None if there is none."""
    places = (folder, folder / "mlruns")
    return next((each for each in places if any(each.glob("*/meta.yaml")) or (each / ".trash").is_dir()), None)


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
    return next((point for point in points_of(ENTRY_POINTS) if point.name == scheme), None)
