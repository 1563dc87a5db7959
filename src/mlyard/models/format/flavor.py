"""The protocol of flavors, and how they are found: by entry points of the group ``mlyard.flavors``.

A flavor is a module with ``save_model``, ``log_model`` and ``load_model`` for users, and the members of the protocol
below. The name of its entry point is the last part of ``loader_module`` in the MLmodel files that it writes
(``sklearn`` for ``mlflow.sklearn``), so that MLflow loads them with its own module. A flavor that does not exist in
MLflow writes the name of its own module instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec

from mlyard.core.entry_points import load, points_of
from mlyard.models.format.folder import ModelFolder
from mlyard.models.signature import ModelSignature

ENTRY_POINTS = "mlyard.flavors"
PYTHON_FUNCTION = "python_function"


class Predictor(Protocol):
    """A loaded model, as a flavor returns it for python_function."""

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to ``data``."""

    def unwrap(self) -> Any:
        """The model as an object of its own library."""


class Executable(msgspec.Struct, frozen=True):
    """A file of a model that runs code when the model is loaded.

    Attributes:
        file: The file's path in the model's folder; folders end with ``/``.
        why: The reason, such as ``a pickle``.
    """

    file: str
    why: str


class Flavor(Protocol):
    """The module of a flavor."""

    FLAVOR: str
    """The flavor's key in the ``flavors`` of an MLmodel file."""

    def load_predictor(self, folder: ModelFolder) -> Predictor:
        """Load the model for python_function."""

    # Optional: modules_of(folder) -> set[str] | None returns the modules that the model's files name, without
    # loading anything; None if they are only known after loading. See models.dependencies.

    def executables(self, folder: ModelFolder) -> Sequence[Executable]:
        """The files that run code when the model is loaded, found without loading any of them."""


class Flavored(msgspec.Struct, frozen=True, kw_only=True):
    """Describes what a flavor wrote into a model's folder.

    ``entry`` is the flavor's entry in the MLmodel file; None if python_function is the only flavor. ``distributions``
    are the packages that every model of this flavor needs. ``predictor`` returns the predictor of the model that is
    being saved, which is used to infer the outputs of the signature from the input example.
    """

    name: str
    entry: dict[str, Any] | None
    python_function: dict[str, Any]
    distributions: tuple[str, ...]
    predictor: Callable[[], Predictor] | None = None
    from_hints: ModelSignature | None = None
    """The signature inferred from the type hints of a Python model."""


WriteFlavor = Callable[[Path], Flavored]
"""Writes the model's own files into an existing empty folder."""


@cache
def flavor_names() -> tuple[str, ...]:
    """The names of all entry points."""
    return tuple(sorted({point.name for point in points_of(ENTRY_POINTS)}))


@cache
def find_flavor(name: str) -> Flavor | None:
    """Import the module of a flavor, found by the name of its entry point; None if it does not exist.

    A name of mlyard's own is always mlyard's module. Raises InvalidParameter if another package's module cannot be
    imported.
    """
    return _load(point for point in points_of(ENTRY_POINTS) if point.name == name)


@cache
def flavor_of_loader(loader_module: str) -> Flavor | None:
    """The flavor for a ``loader_module``, which is a name of MLflow's or of a flavor's module.

    None for a module that the user wrote. Raises InvalidParameter as ``find_flavor`` does.
    """
    if loader_module.startswith("mlflow.pyfunc."):
        return find_flavor(PYTHON_FUNCTION)
    if loader_module.startswith("mlflow."):
        return find_flavor(loader_module.rpartition(".")[2])
    return _load(point for point in points_of(ENTRY_POINTS) if point.value == loader_module)


def _load(points: Iterator[EntryPoint]) -> Flavor | None:
    point = next(points, None)
    return None if point is None else cast(Flavor, load(point, f"The flavor {point.name!r}"))
