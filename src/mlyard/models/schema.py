"""Schemas: the columns or tensors that a model takes and gives, in MLflow's JSON form."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter

TYPES = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")


class ColSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A column; ``type`` is one of TYPES, or an array, object or map described by ``details``."""

    type: str
    name: str | None = None
    required: bool = True
    details: dict[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        named = {"name": self.name} if self.name is not None else {}
        return {"type": self.type, **self.details, **named, "required": self.required}


class TensorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor: numpy's name of its dtype, its shape with -1 where any size will do."""

    dtype: str
    shape: tuple[int, ...]
    name: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        named = {"name": self.name} if self.name is not None else {}
        spec = {"dtype": self.dtype, "shape": list(self.shape)}
        return {"type": "tensor", "tensor-spec": spec, **named}


class Schema(msgspec.Struct, frozen=True):
    """Columns, or tensors."""

    inputs: tuple[ColSpec | TensorSpec, ...]

    @property
    def columns(self) -> tuple[ColSpec, ...]:
        """The columns; empty for a schema of tensors."""
        return tuple(spec for spec in self.inputs if isinstance(spec, ColSpec))

    def to_json(self) -> str:
        """The JSON text."""
        return json.dumps([spec.to_dict() for spec in self.inputs])


def schema_from_json(text: str) -> Schema:
    """Read the JSON text. Raises InvalidParameter."""
    try:
        return Schema(tuple(_spec(dict(item)) for item in json.loads(text)))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidParameter(f"The model's schema {text[:200]!r} cannot be read: {error!r}.") from None


def _spec(item: dict[str, Any]) -> ColSpec | TensorSpec:
    if item["type"] == "tensor":
        spec = item["tensor-spec"]
        return TensorSpec(dtype=str(spec["dtype"]), shape=tuple(int(n) for n in spec["shape"]), name=item.get("name"))
    known = {name: item.pop(name) for name in ("type", "name", "required") if name in item}
    # Files of MLflow before 2.6 say 'optional' in place of 'required'.
    required = known.get("required", not item.pop("optional", False))
    return ColSpec(type=str(known["type"]), name=known.get("name"), required=bool(required), details=item)
