"""What a flavor is, and which there are: entry points of the group ``mlyard.flavors``.

A flavor is a module: ``save_model``, ``log_model`` and ``load_model`` for users, and what the protocol
below asks for. The name of its entry point is the last part of ``loader_module`` in the MLmodel files
that it writes (``mlflow.sklearn``: ``sklearn``), so that MLflow loads them with its own module of that name; a
flavor that MLflow has not writes the name of its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec

from mlyard.models.format.folder import ModelFolder
from mlyard.models.signature import ModelSignature

ENTRY_POINTS = "mlyard.flavors"
PYTHON_FUNCTION = "python_function"


class Predictor(Protocol):
    """What a flavor loads for python_function."""

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The model's answer to ``data``."""

    def unwrap(self) -> Any:
        """The model as its own library knows it."""


class Executable(msgspec.Struct, frozen=True):
    """A file of a model that runs code when the model is loaded, and why."""

    file: str
    why: str


class Flavor(Protocol):
    """The module of a flavor."""

    FLAVOR: str
    """Its name among the flavors of an MLmodel file."""

    def load_predictor(self, folder: ModelFolder) -> Predictor:
        """Load the model for python_function."""

    # It may have, too: modules_of(folder) -> set[str] | None, the modules that the model's files name, read
    # without loading anything; None when only loading can tell. See models.dependencies.

    def executables(self, folder: ModelFolder) -> Sequence[Executable]:
        """The files that run code when the model is loaded; nothing of the model is loaded to tell."""


class Flavored(msgspec.Struct, frozen=True, kw_only=True):
    """What a flavor wrote into a model's folder.

    ``entry`` is the flavor's own in the MLmodel file, None where python_function is the only one;
    ``distributions``: what such a model needs always, whatever it imports besides; ``predictor`` gives
    the predictor of the model that is being saved, for the signature of its input example.
    """

    name: str
    entry: dict[str, Any] | None
    python_function: dict[str, Any]
    distributions: tuple[str, ...]
    predictor: Callable[[], Predictor] | None = None
    from_hints: ModelSignature | None = None
    """The signature that the type hints of a Python model make."""


WriteFlavor = Callable[[Path], Flavored]
"""Writes the model's own files into a folder that is there and empty."""


@cache
def flavor_names() -> tuple[str, ...]:
    """The names of all entry points."""
    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINTS)}))


@cache
def find_flavor(name: str) -> Flavor | None:
    """The module of a flavor by the name of its entry point, imported; None when there is none."""
    found = list(entry_points(group=ENTRY_POINTS, name=name))
    return cast(Flavor, found[0].load()) if found else None


@cache
def flavor_of_loader(loader_module: str) -> Flavor | None:
    """The flavor that loads what MLflow's module of that name loads, or is a module of that name.

    None for a module of the user's own.
    """
    if loader_module.startswith("mlflow.pyfunc."):
        return find_flavor(PYTHON_FUNCTION)
    if loader_module.startswith("mlflow."):
        return find_flavor(loader_module.rpartition(".")[2])
    names = [point.name for point in entry_points(group=ENTRY_POINTS) if point.value == loader_module]
    return find_flavor(names[0]) if names else None
