"""Params of a prediction: optional arguments that a caller passes beside the data, with types and defaults.

Their JSON form in MLmodel files is ``[{"name": "p", "default": 1, "shape": null, "type": "long"}]``. The shape is
null for one value and ``[-1]`` for a list. Datetimes are written as ISO 8601 strings.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.models.signature.types import DataType, Misfit, Object, kind, kind_from_dict

_LOG = logger("models.signature")


class ParamSpec(msgspec.Struct, frozen=True):
    """A param of a prediction.

    Args:
        name: The param's name.
        dtype: A ``DataType`` other than binary, its name, or an ``Object``.
        default: The value if a caller does not pass the param. It is cast to the type.
        shape: None for one value, ``(-1,)`` for a list. Default: None.

    Raises:
        InvalidParameter: The type or the shape is not allowed, or the default does not fit.

    Example:
        >>> from mlyard.types import ParamSpec
        >>> ParamSpec("temperature", "double", 0.5), ParamSpec("stop", "string", ["."], shape=(-1,))
        ('temperature': double (default: 0.5), 'stop': string (default: ['.']) (shape: (-1,)))
    """

    name: str
    dtype: DataType | Object
    default: Any
    shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "name", str(self.name))
        force_setattr(self, "dtype", _dtype(self.name, self.dtype))
        if self.shape is not None:
            force_setattr(self, "shape", tuple(self.shape))
        if self.shape not in (None, (-1,)) or (self.shape and isinstance(self.dtype, Object)):
            raise InvalidParameter(
                f"The param {self.name!r} has the shape {self.shape}; it must be None (one value) or (-1,) (a list)."
            )
        force_setattr(self, "default", self.cast(self.default))

    def __repr__(self) -> str:
        shape = f" (shape: {self.shape})" if self.shape else ""
        return f"{self.name!r}: {self.dtype!r} (default: {self.default}){shape}"

    def cast(self, value: Any) -> Any:
        """Convert a value to the param's type.

        None is kept for a param of one scalar value. Raises InvalidParameter if the value does not fit.
        """
        from mlyard.models.signature.values import shown

        try:
            if self.shape is None:
                return value if value is None and isinstance(self.dtype, DataType) else _cast(value, self.dtype)
            return [item if item is None else _cast(item, self.dtype) for item in _items(value)]
        except Misfit as error:
            raise InvalidParameter(
                f"The value {shown(value)} of the param {self.name!r} does not fit: {error}"
            ) from None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        default = [_plain(item) for item in self.default] if self.shape else _plain(self.default)
        shape = list(self.shape) if self.shape else None
        return {"name": self.name, "default": default, "shape": shape, **self.dtype.to_dict()}


class ParamSchema(msgspec.Struct, frozen=True):
    """The params that each prediction of a model accepts.

    Args:
        params: ``ParamSpec`` objects with distinct names.

    Raises:
        InvalidParameter: An item is not a ParamSpec, or a name occurs twice.

    Example:
        >>> from mlyard.models import ModelSignature
        >>> from mlyard.types import ParamSchema, ParamSpec
        >>> signature = ModelSignature(params=ParamSchema([ParamSpec("temperature", "double", 0.5)]))
        >>> signature.params
        ['temperature': double (default: 0.5)]
    """

    params: list[ParamSpec]

    def __post_init__(self) -> None:
        force_setattr(self, "params", list(self.params))
        names = [param.name for param in self.params if isinstance(param, ParamSpec)]
        if len(names) < len(self.params) or len(set(names)) < len(names):
            raise InvalidParameter(f"A ParamSchema takes ParamSpecs with distinct names; got {self.params!r}.")

    def __repr__(self) -> str:
        return repr(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def to_dict(self) -> list[dict[str, Any]]:
        """The JSON form."""
        return [param.to_dict() for param in self.params]

    def to_json(self) -> str:
        """The JSON text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> ParamSchema:
        """Read the JSON text. Raises InvalidParameter."""
        try:
            return cls([_spec(item) for item in json.loads(text)])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InvalidParameter(f"The model's params {text[:200]!r} cannot be read: {error!r}.") from None


def enforce_params(params: Mapping[str, Any] | None, schema: ParamSchema | None) -> dict[str, Any] | None:
    """Cast the params to their types and fill in defaults; unknown params are dropped with a warning.

    Returns None if no params are given and the model declares none. Raises InvalidParameter naming the param.
    """
    if params is None and schema is None:
        return None
    given = {} if params is None else params
    if not isinstance(given, Mapping):
        raise InvalidParameter(f"The params must be a dictionary, not {type(params).__name__}.")
    given = {str(name): value for name, value in given.items()}
    known = {spec.name: spec for spec in schema.params} if schema else {}
    unknown = [name for name in given if name not in known]
    if unknown:
        _LOG.warning("Params that the model's signature does not have are ignored: %s.", unknown)
    return {name: spec.cast(given[name]) if name in given else spec.default for name, spec in known.items()}


def _dtype(name: str, dtype: Any) -> DataType | Object:
    found = kind(dtype)
    if not isinstance(found, (DataType, Object)) or found is DataType.binary:
        raise InvalidParameter(f"The param {name!r} cannot be {found!r}: params cannot be binary, arrays, maps or any.")
    return found


def _spec(item: Mapping[str, Any]) -> ParamSpec:
    # Early versions of MLflow write the type as 'dtype'.
    form = {**item, "type": item.get("type") or item["dtype"]}
    shape = item.get("shape")
    dtype = kind_from_dict(form)
    return ParamSpec(item["name"], _dtype(item["name"], dtype), item["default"], tuple(shape) if shape else None)


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, (list, tuple)):
        return value
    if getattr(value, "ndim", 0) == 1:
        items: list[Any] = value.tolist()
        return items
    raise Misfit("expected a one-dimensional list")


def _cast(value: Any, dtype: DataType | Object) -> Any:
    from mlyard.models.signature.values import fitted

    if isinstance(dtype, Object):
        fitted(value, dtype)
        return dict(value)
    if dtype is not DataType.datetime:
        return fitted(value, dtype)
    return _moment(value)


def _moment(value: Any) -> datetime.date:
    if isinstance(value, str):
        try:
            whole = len(value) == len("2020-01-01")
            return datetime.date.fromisoformat(value) if whole else datetime.datetime.fromisoformat(value)
        except ValueError:
            raise Misfit("it is not a date and time in ISO 8601") from None
    if hasattr(value, "astype"):  # item() turns nanoseconds into an int
        value = value.astype("datetime64[us]").item() if str(value.dtype).endswith("[ns]") else value.item()
    if isinstance(value, datetime.date):
        return value
    raise Misfit("it is not a datetime")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _plain(value.tolist()) if hasattr(value, "tolist") else value
