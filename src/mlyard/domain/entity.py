"""The base of all domain objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Entity(msgspec.Struct, frozen=True):
    """An immutable value object. ``dict(entity)`` returns its fields, as with MLflow's entities.

    Entities that MLflow has too take their fields by position, in MLflow's order.
    """

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for name in self.__struct_fields__:
            yield name, getattr(self, name)
