"""A model's folder on this machine, as flavors see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.models.format.metadata import MLmodel, read_mlmodel

T = TypeVar("T")


class ModelFolder:
    """The files of a model and what its MLmodel file says. Files never lie outside of the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.mlmodel: MLmodel = read_mlmodel(path)

    def has(self, flavor: str) -> bool:
        """Whether the model has a flavor."""
        return flavor in self.mlmodel.flavors

    def entry(self, flavor: str) -> dict[str, Any]:
        """What the MLmodel file says of one flavor. Raises InvalidParameter when the model has it not."""
        if flavor not in self.mlmodel.flavors:
            raise InvalidParameter(
                f"The model at {str(self.path)!r} does not have the {flavor!r} flavor; "
                f"it has {sorted(self.mlmodel.flavors)}."
            )
        return self.mlmodel.flavors[flavor]

    def value(self, flavor: str, key: str, kind: type[T]) -> T | None:
        """What an entry says under a key, None where it says nothing. Raises InvalidParameter for another type."""
        value = self.entry(flavor).get(key)
        if value is None or isinstance(value, kind):
            return value
        raise InvalidParameter(
            f"The MLmodel file at {str(self.path)!r} is damaged: {key!r} of {flavor!r} must be a {kind.__name__}, "
            f"not {value!r}."
        )

    def file(self, name: Any) -> Path:
        """A file or folder that an entry names. Raises InvalidParameter for one outside, DoesNotExist."""
        place = (self.path / str(name)).resolve()
        if place == self.path or not place.is_relative_to(self.path):
            raise InvalidParameter(f"The MLmodel file at {str(self.path)!r} points outside its folder: {name!r}.")
        if not place.exists():
            raise DoesNotExist(
                f"The model at {str(self.path)!r} lacks the file {name!r}, which its MLmodel file names."
            )
        return place
