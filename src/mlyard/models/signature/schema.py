"""Schemas: the columns or tensors that a model takes or returns, in MLflow's JSON form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import force_setattr

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.types import DataType, Kind, kind, kind_from_dict

if TYPE_CHECKING:
    import numpy as np


class ColSpec(msgspec.Struct, frozen=True):
    """A column of a table.

    Args:
        type: A ``DataType`` or its name, an ``Array``, ``Object``, ``Map`` or ``AnyType``.
        name: The column's name; an int for frames with numbered columns, None for a column without a name.
        required: Whether the input must have the column. Default: True.

    Raises:
        InvalidParameter: The type is unknown.

    Example:
        >>> from mlyard.types import ColSpec
        >>> ColSpec("double", "age"), ColSpec("string", "note", required=False)
        ('age': double (required), 'note': string (optional))
    """

    type: Kind
    name: Any = None
    required: bool = True

    def __post_init__(self) -> None:
        force_setattr(self, "type", kind(self.type))

    def __repr__(self) -> str:
        named = "" if self.name is None else f"{self.name!r}: "
        return f"{named}{self.type!r} ({'required' if self.required else 'optional'})"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        named = {} if self.name is None else {"name": self.name}
        return {**self.type.to_dict(), **named, "required": self.required}


class TensorSpec(msgspec.Struct, frozen=True):
    """A numpy array with a fixed dtype and number of dimensions.

    Args:
        type: The numpy dtype.
        shape: The size of each dimension, -1 for any size. The first dimension usually counts the rows.
        name: The tensor's name. Default: None, allowed for a single tensor.

    Raises:
        InvalidParameter: The dtype or the shape is invalid.

    Example:
        >>> from mlyard.types import TensorSpec
        >>> TensorSpec("float32", (-1, 28, 28), name="image")
        'image': Tensor('float32', (-1, 28, 28))
    """

    type: Any  # an np.dtype; help() evaluates annotations, and numpy is imported on first use only
    shape: tuple[int, ...]
    name: Any = None

    def __post_init__(self) -> None:
        import numpy as np

        try:
            force_setattr(self, "type", np.dtype(self.type))
            force_setattr(self, "shape", tuple(int(size) for size in self.shape))
        except (TypeError, ValueError) as error:
            raise InvalidParameter(
                f"A tensor cannot have the dtype {self.type!r} and the shape {self.shape!r}: {error}"
            ) from None

    @property
    def required(self) -> bool:
        """Always True: tensors cannot be optional."""
        return True

    def __repr__(self) -> str:
        named = "" if self.name is None else f"{self.name!r}: "
        return f"{named}Tensor({_dtype_name(self.type)!r}, {self.shape!r})"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        named = {} if self.name is None else {"name": self.name}
        return {**named, "type": "tensor", "tensor-spec": {"dtype": _dtype_name(self.type), "shape": list(self.shape)}}


class Schema(msgspec.Struct, frozen=True):
    """A list of columns or a list of tensors.

    Args:
        inputs: ``ColSpec`` or ``TensorSpec`` objects, not both. Either all of them have names or none has.

    Raises:
        InvalidParameter: The list is empty or mixed, or names are missing.

    Example:
        >>> from mlyard.types import ColSpec, Schema
        >>> schema = Schema([ColSpec("double", "age"), ColSpec("string", "note", required=False)])
        >>> schema.input_names(), schema.required_input_names()
        (['age', 'note'], ['age'])
    """

    inputs: list[ColSpec | TensorSpec]

    def __post_init__(self) -> None:
        force_setattr(self, "inputs", list(self.inputs))
        _check(self.inputs)

    def __repr__(self) -> str:
        return repr(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def columns(self) -> list[ColSpec]:
        """The columns; empty for a schema of tensors."""
        return [spec for spec in self.inputs if isinstance(spec, ColSpec)]

    @property
    def tensors(self) -> list[TensorSpec]:
        """The tensors; empty for a schema of columns."""
        return [spec for spec in self.inputs if isinstance(spec, TensorSpec)]

    def is_tensor_spec(self) -> bool:
        """Whether the schema consists of tensors."""
        return isinstance(self.inputs[0], TensorSpec)

    def has_input_names(self) -> bool:
        """Whether the inputs are named."""
        return self.inputs[0].name is not None

    def input_names(self) -> list[Any]:
        """The names, or the numbers 0, 1, … if the inputs have none."""
        return [spec.name for spec in self.inputs] if self.has_input_names() else list(range(len(self.inputs)))

    def required_input_names(self) -> list[Any]:
        """The names of the required inputs."""
        return [spec.name for spec in self.inputs if spec.required]

    def optional_input_names(self) -> list[Any]:
        """The names of the optional inputs."""
        return [spec.name for spec in self.inputs if not spec.required]

    def input_types(self) -> list[Kind | np.dtype[Any]]:
        """The types, in order."""
        return [spec.type for spec in self.inputs]

    def input_dict(self) -> dict[Any, ColSpec | TensorSpec]:
        """The columns or tensors by name. Raises InvalidParameter if they have no names."""
        if not self.has_input_names():
            raise InvalidParameter(f"The inputs of the schema {self!r} have no names.")
        return {spec.name: spec for spec in self.inputs}

    def input_types_dict(self) -> dict[Any, Kind | np.dtype[Any]]:
        """The types by name. Raises InvalidParameter if the inputs have no names."""
        return {name: spec.type for name, spec in self.input_dict().items()}

    def numpy_types(self) -> list[np.dtype[Any]]:
        """The numpy dtypes, in order. Raises InvalidParameter for arrays, objects, maps and any."""
        return [tensor.type for tensor in self.tensors] or [_scalar(column).to_numpy() for column in self.columns]

    def pandas_types(self) -> list[Any]:
        """The pandas dtypes, in order. Raises InvalidParameter for tensors, arrays, objects, maps and any."""
        if self.is_tensor_spec():
            raise InvalidParameter("A schema of tensors has no pandas types; use numpy_types().")
        return [_scalar(column).to_pandas() for column in self.columns]

    def to_dict(self) -> list[dict[str, Any]]:
        """The JSON form."""
        return [spec.to_dict() for spec in self.inputs]

    def to_json(self) -> str:
        """The JSON text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """Read the JSON text. Raises InvalidParameter."""
        try:
            return cls([_spec(item) for item in json.loads(text)])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InvalidParameter(f"The model's schema {text[:200]!r} cannot be read: {error!r}.") from None


def _check(inputs: list[Any]) -> None:
    if not inputs or len({type(spec) for spec in inputs}) > 1 or not isinstance(inputs[0], (ColSpec, TensorSpec)):
        raise InvalidParameter(
            f"A schema needs at least one column or at least one tensor, and not both; got {inputs!r}."
        )
    names = [spec.name for spec in inputs]
    if None not in names:
        return
    if any(name is not None for name in names):
        raise InvalidParameter(f"Either all inputs of a schema have names or none has; got {names}.")
    if isinstance(inputs[0], TensorSpec) and len(inputs) > 1:
        raise InvalidParameter("Several tensors must have names.")
    if not all(spec.required for spec in inputs):
        raise InvalidParameter("Optional columns must have names.")


def _spec(item: Mapping[str, Any]) -> ColSpec | TensorSpec:
    name = item.get("name")
    if isinstance(name, list):  # the name of a column in a frame with a MultiIndex
        name = tuple(name)
    if item["type"] == "tensor":
        form = item["tensor-spec"]
        return TensorSpec(form["dtype"], tuple(form["shape"]), name)
    # MLflow 2.4 and 2.5 write 'optional' instead of 'required'.
    required = item.get("required", not item.get("optional", False))
    return ColSpec(kind_from_dict(item), name, bool(required))


def _scalar(column: ColSpec) -> DataType:
    if not isinstance(column.type, DataType):
        raise InvalidParameter(f"The column {column!r} has no numpy type.")
    return column.type


def _dtype_name(dtype: np.dtype[Any]) -> str:
    # Strings and bytes have no fixed length in a schema.
    return {"U": "str", "S": "bytes"}.get(dtype.kind, str(dtype))
