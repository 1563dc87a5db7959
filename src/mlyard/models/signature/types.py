"""The types of columns, properties and params, and their JSON form in MLmodel files.

The form of a scalar is its name: ``{"type": "long"}``. Arrays have ``items``, objects ``properties``, maps
``values``: ``{"type": "array", "items": {"type": "long"}}``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec.structs import force_setattr

from mlyard.core.errors import InvalidParameter

if TYPE_CHECKING:
    import numpy as np


class Misfit(Exception):
    """Raised when a value does not fit a type, with the reason. Callers turn it into InvalidParameter for users."""


class DataType(str, Enum):  # noqa: UP042 - str() of a member has the class's name, as in MLflow
    """The type of one value. Each member equals its name, so ``DataType.long == "long"``.

    Attributes:
        boolean: True or False.
        integer: An integer of 32 bits.
        long: An integer of 64 bits.
        float: A floating-point number of 32 bits.
        double: A floating-point number of 64 bits.
        string: Text.
        binary: Bytes. In JSON, they are encoded as base64.
        datetime: A date and time, with nanoseconds. In JSON, it is a text in ISO 8601.

    Example:
        >>> from mlyard.types import DataType
        >>> DataType.long.to_numpy(), DataType("long") is DataType.long
        (dtype('int64'), True)
    """

    boolean = "boolean"
    integer = "integer"
    long = "long"
    float = "float"
    double = "double"
    string = "string"
    binary = "binary"
    datetime = "datetime"

    def __repr__(self) -> str:
        return self.name

    def to_numpy(self) -> np.dtype[Any]:
        """The numpy dtype: 32 bits for integer and float, nanoseconds for datetime."""
        import numpy as np

        return np.dtype(_NUMPY[self.name])

    def to_pandas(self) -> np.dtype[Any] | type[object]:
        """The dtype of a pandas column: ``object`` for string and binary."""
        return object if self.name in ("string", "binary") else self.to_numpy()

    def to_python(self) -> type:
        """The Python class of a value."""
        return _PYTHON[self.name]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": self.name}


_NUMPY = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "U",
    "binary": "S",
    "datetime": "datetime64[ns]",
}
_PYTHON: dict[str, type] = {
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
    "binary": bytes,
    "datetime": datetime.date,
}


class AnyType(msgspec.Struct, frozen=True):
    """The type of a column or property that takes any value, including None.

    Example:
        >>> from mlyard.types import ColSpec, Schema
        >>> from mlyard.types.schema import AnyType
        >>> Schema([ColSpec(AnyType(), "answer", required=False)])
        ['answer': Any (optional)]
    """

    def __repr__(self) -> str:
        return "Any"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": "any"}


class Array(msgspec.Struct, frozen=True):
    """A list of values of one type.

    Args:
        dtype: The type of the values, or the name of a ``DataType``.

    Raises:
        InvalidParameter: The type is unknown.

    Example:
        >>> from mlyard.types import ColSpec, Schema
        >>> from mlyard.types.schema import Array
        >>> Schema([ColSpec(Array("double"), "embedding")])
        ['embedding': Array(double) (required)]
    """

    dtype: Kind

    def __post_init__(self) -> None:
        force_setattr(self, "dtype", kind(self.dtype))

    def __repr__(self) -> str:
        return f"Array({self.dtype!r})"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": "array", "items": self.dtype.to_dict()}


class Map(msgspec.Struct, frozen=True):
    """A dict with arbitrary string keys and values of one type.

    Args:
        value_type: The type of the values, or the name of a ``DataType``.

    Raises:
        InvalidParameter: The type is unknown.

    Example:
        >>> from mlyard.types import ColSpec, Schema
        >>> from mlyard.types.schema import Map
        >>> Schema([ColSpec(Map("long"), "counts")])
        ['counts': Map(str -> long) (required)]
    """

    value_type: Kind

    def __post_init__(self) -> None:
        force_setattr(self, "value_type", kind(self.value_type))

    def __repr__(self) -> str:
        return f"Map(str -> {self.value_type!r})"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"type": "map", "values": self.value_type.to_dict()}


class Property(msgspec.Struct, frozen=True):
    """A key of an ``Object``.

    Args:
        name: The key.
        dtype: The type of its value, or the name of a ``DataType``.
        required: Whether the object must have the key. Default: True.

    Raises:
        InvalidParameter: The name is not a string, or the type is unknown.

    Example:
        >>> from mlyard.types.schema import Property
        >>> Property("name", "string"), Property("age", "long", required=False)
        (name: string (required), age: long (optional))
    """

    name: str
    dtype: Kind
    required: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InvalidParameter(f"The name of a property must be a string, not {self.name!r}.")
        force_setattr(self, "dtype", kind(self.dtype))

    def __repr__(self) -> str:
        return f"{self.name}: {self.dtype!r} ({'required' if self.required else 'optional'})"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: ``{name: …}``."""
        return {self.name: {**self.dtype.to_dict(), "required": self.required}}


class Object(msgspec.Struct, frozen=True):
    """A dict with a fixed set of keys.

    Args:
        properties: The keys, with distinct names. They are kept sorted by name, because their order is irrelevant.

    Raises:
        InvalidParameter: There are no properties, or two of them have the same name.

    Example:
        >>> from mlyard.types import ColSpec, Schema
        >>> from mlyard.types.schema import Array, Object, Property
        >>> message = Object([Property("role", "string"), Property("content", "string")])
        >>> Schema([ColSpec(Array(message), "messages")])
        ['messages': Array({content: string (required), role: string (required)}) (required)]
    """

    properties: tuple[Property, ...]

    def __post_init__(self) -> None:
        given = self.properties
        if not isinstance(given, (list, tuple)) or not all(isinstance(item, Property) for item in given):
            raise InvalidParameter(f"An Object takes a list of Property, not {given!r}.")
        names = [item.name for item in given]
        if not names or len(set(names)) < len(names):
            raise InvalidParameter(f"An Object needs properties with distinct names; got {names}.")
        force_setattr(self, "properties", tuple(sorted(given, key=lambda item: item.name)))

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, self.properties)) + "}"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        properties = {name: form for item in self.properties for name, form in item.to_dict().items()}
        return {"type": "object", "properties": properties}


Kind: TypeAlias = DataType | Array | Object | Map | AnyType


def kind(value: Any) -> Kind:
    """Return a type, which may be given as the name of a scalar. Raises InvalidParameter."""
    if isinstance(value, (DataType, Array, Object, Map, AnyType)):
        return value
    if isinstance(value, str) and value in DataType.__members__:
        return DataType[value]
    names = ", ".join(DataType.__members__)
    raise InvalidParameter(f"{value!r} is not a type. Types are {names}, Array, Object, Map and AnyType.")


def kind_from_dict(form: Mapping[str, Any]) -> Kind:
    """Read the JSON form and ignore unknown keys. Raises InvalidParameter, KeyError."""
    name = form["type"]
    if name == "array":
        return Array(kind_from_dict(form["items"]))
    if name == "map":
        return Map(kind_from_dict(form["values"]))
    if name == "object":
        return Object(tuple(_properties(form["properties"].items())))
    if name == "sparkml_vector":
        return Array(DataType.double)
    return AnyType() if name == "any" else kind(name)


def _properties(items: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterable[Property]:
    for name, form in items:
        yield Property(name, kind_from_dict(form), bool(form.get("required", True)))
