"""What packages add to mlyard by entry points. mlyard's own entry points come first.

Another package can neither take a name of mlyard's own nor, if it is broken, keep mlyard from using that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, distributions, entry_points
from itertools import chain
from typing import Any

from mlyard.core.errors import InvalidParameter, MlyardError


def points_of(group: str) -> Iterator[EntryPoint]:
    """The entry points of a group: mlyard's own, then those of all packages, which include mlyard's again."""
    own = (point for found in distributions(name="mlyard") for point in found.entry_points if point.group == group)
    return chain(own, _everyones(group))


def _everyones(group: str) -> Iterator[EntryPoint]:
    yield from entry_points(group=group)  # reads the metadata of every package: only done if mlyard's own do not fit


def load(point: EntryPoint, what: str) -> Any:
    """What an entry point names. Raises InvalidParameter that names the package if it cannot be imported."""
    try:
        return point.load()
    except MlyardError:
        raise
    except Exception as error:
        package = point.dist.name if point.dist else "unknown"
        raise InvalidParameter(
            f"{what} cannot be loaded: {point.value!r}, of the package {package!r}, raises {error!r}. "
            "Repair or uninstall that package."
        ) from error
