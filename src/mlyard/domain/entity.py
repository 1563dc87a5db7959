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

    def to_dictionary(self) -> dict[str, Any]:
        """Return the fields as plain values: dictionaries for entities, lists for tuples.

        Returns:
            The values by the names of the fields.

        Example:
            >>> import mlyard
            >>> with mlyard.start_run() as run:
            ...     mlyard.log_metric("rmse", 0.5)
            >>> data = mlyard.get_run(run.info.run_id).to_dictionary()["data"]
            >>> data["metrics"], data["params"]
            ({'rmse': 0.5}, {})
        """
        return {name: _plain(value) for name, value in self}


def _plain(value: Any) -> Any:
    if isinstance(value, Entity):
        return value.to_dictionary()
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value
