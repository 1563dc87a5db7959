"""A model's folder on this machine, as flavors see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.models.format.metadata import MLmodel, read_mlmodel
from mlyard.models.format.own_modules import OwnModules

T = TypeVar("T")


class ModelFolder:
    """The files of a model and its MLmodel file. Files outside the folder are refused."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.mlmodel: MLmodel = read_mlmodel(path)
        self.modules: OwnModules | None = None  # set when the code that the model brings has been made importable

    def has(self, flavor: str) -> bool:
        """Whether the model has the flavor."""
        return flavor in self.mlmodel.flavors

    def entry(self, flavor: str) -> dict[str, Any]:
        """A flavor's entry in the MLmodel file. Raises InvalidParameter if the model does not have the flavor."""
        if flavor not in self.mlmodel.flavors:
            raise InvalidParameter(
                f"The model at {str(self.path)!r} does not have the {flavor!r} flavor; "
                f"it has {sorted(self.mlmodel.flavors)}."
            )
        return self.mlmodel.flavors[flavor]

    def value(self, flavor: str, key: str, kind: type[T]) -> T | None:
        """A value in a flavor's entry; None if it is absent. Raises InvalidParameter if it has another type."""
        value = self.entry(flavor).get(key)
        if value is None or isinstance(value, kind):
            return value
        raise InvalidParameter(
            f"The MLmodel file at {str(self.path)!r} is damaged: {key!r} of {flavor!r} must be a {kind.__name__}, "
            f"not {value!r}."
        )

    def file(self, name: Any) -> Path:
        """A file or folder that an entry names. Raises InvalidParameter if it lies outside, DoesNotExist if missing."""
        place = (self.path / str(name)).resolve()
        if place == self.path or not place.is_relative_to(self.path):
            raise InvalidParameter(f"The MLmodel file at {str(self.path)!r} points outside its folder: {name!r}.")
        if not place.exists():
            raise DoesNotExist(
                f"The model at {str(self.path)!r} lacks the file {name!r}, which its MLmodel file names."
            )
        return place
