"""What all domain objects share: frozen structs that ``dict()`` turns into a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen value object. ``dict(entity)`` gives its fields, as MLflow's entities do."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for name in self.__struct_fields__:
            yield name, getattr(self, name)
