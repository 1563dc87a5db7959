"""Infers signatures from the type hints of a predict function, and checks input against the hints.

``list[X]`` declares that the function takes any number of inputs of the type X, which may be ``bool``, ``int``,
``float``, ``str``, ``bytes``, ``datetime``, ``list[X]``, ``dict[str, X]``, a pydantic model, ``Any`` or a union.
Other hints (``pd.DataFrame``, ``np.ndarray``, …) do not describe the content and are ignored.
"""

from __future__ import annotations

import datetime
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.models.signature import ModelSignature
from mlyard.models.signature.schema import ColSpec, Schema
from mlyard.models.signature.types import AnyType, Array, DataType, Kind, Map, Misfit, Object, Property
from mlyard.models.signature.values import fitted

__all__ = ["signature_from_type_hints"]

_LOG = logger("models.signature")
_SCALARS: dict[Any, DataType] = {
    bool: DataType.boolean,
    int: DataType.long,
    float: DataType.double,
    str: DataType.string,
    bytes: DataType.binary,
    datetime.datetime: DataType.datetime,
}


def signature_from_type_hints(predict: Callable[..., Any]) -> ModelSignature | None:
    """Infer a signature from the type hints of a predict function.

    Args:
        predict: The function. The hint of its first parameter, other than ``self`` and ``context``, must have the form
            ``list[X]``, with ``X`` one of ``bool``, ``int``, ``float``, ``str``, ``bytes``, ``datetime``, ``list[…]``,
            ``dict[str, …]``, a pydantic model, ``Any`` or a union.

    Returns:
        The signature; outputs without a usable hint are ``any``. None if the input has no such hint.

    Example:
        >>> from mlyard.models import signature_from_type_hints
        >>> def lengths(texts: list[str]) -> list[int]:
        ...     return [len(text) for text in texts]
        >>> signature = signature_from_type_hints(lengths)
        >>> signature.inputs, signature.outputs
        ([string (required)], [long (required)])
    """
    hint = input_hint(predict)
    if hint is None:
        return None
    (item,) = typing.get_args(hint)
    output = _hints(predict).get("return")
    return ModelSignature(Schema([ColSpec(_kind(item))]), Schema([ColSpec(_output_kind(output))]))


def input_hint(predict: Callable[..., Any]) -> Any:
    """The hint of the function's input if it has the form ``list[X]`` with a supported X; None otherwise.

    The input is the first parameter that is not ``self`` or ``context``.
    """
    names = [name for name in inspect.signature(predict).parameters if name not in ("self", "context")]
    hint = _hints(predict).get(names[0]) if names else None
    if typing.get_origin(hint) is not list or len(typing.get_args(hint)) != 1:
        return None
    try:
        _kind(typing.get_args(hint)[0])
    except Misfit as error:
        _LOG.warning("The type hint %s makes no signature: %s.", hint, error)
        return None
    return hint


def held_to_hint(data: Any, hint: Any, from_json: bool = False) -> list[Any]:
    """Convert the data to the list that the function's hint declares.

    A data frame becomes the values of its only column, or one dict per row if the hint has keys. Dicts become
    pydantic models. For ``from_json`` see ``enforce``. Raises InvalidParameter naming the item that does not fit.
    """
    (item,) = typing.get_args(hint)
    kind = _kind(item)
    made = []
    for number, value in enumerate(_listed(data, kind)):
        try:
            made.append(_held(value, item, kind, from_json))
        except Misfit as error:
            raise InvalidParameter(f"Item {number} of the input does not fit the hint {_name(hint)}: {error}") from None
    return made


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        # The hints use names that are only imported for type checkers.
        return {}


def _listed(data: Any, kind: Kind) -> list[Any]:
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        if isinstance(kind, (Object, Map)):
            return list(data.to_dict(orient="records"))
        if len(data.columns) != 1:
            raise InvalidParameter(f"The model takes a list; the input has the columns {list(data.columns)}.")
        return list(data.iloc[:, 0].tolist())
    if hasattr(data, "tolist"):
        data = data.tolist()
    if not isinstance(data, list):
        raise InvalidParameter(f"The model takes a list, not {type(data).__name__}.")
    return data


def _held(value: Any, hint: Any, kind: Kind, from_json: bool) -> Any:
    if _is_pydantic(hint):
        return _validated(value, hint, from_json)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and isinstance(value, list):
        return [_held(item, arguments[0], _kind(arguments[0]), from_json) for item in value]
    if origin is dict and isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise Misfit("its keys must be strings")
        return {key: _held(item, arguments[1], _kind(arguments[1]), from_json) for key, item in value.items()}
    return fitted(value, kind, from_json)


def _validated(value: Any, model: Any, from_json: bool) -> Any:
    if isinstance(value, model):
        return value
    try:
        return model.model_validate(value, strict=not from_json)
    except ValueError as error:  # pydantic's ValidationError is a ValueError
        found = error.errors() if hasattr(error, "errors") else []
        told = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in found)
        raise Misfit(told or str(error)) from None


def _kind(hint: Any) -> Kind:
    """The schema type for a hint. Raises Misfit if there is none."""
    if hint is Any or _is_union(hint):
        return AnyType()
    if hint in _SCALARS:
        return _SCALARS[hint]
    if _is_pydantic(hint):
        return Object(tuple(_property(name, field) for name, field in hint.model_fields.items()))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and len(arguments) == 1:
        return Array(_kind(arguments[0]))
    if origin is dict and len(arguments) == 2:
        if arguments[0] is not str:
            raise Misfit(f"the keys of {_name(hint)} are not str")
        return Map(_kind(arguments[1]))
    raise Misfit(f"{_name(hint)} is not a type that a schema can hold")


def _property(name: str, field: Any) -> Property:
    hint = field.annotation
    arguments = typing.get_args(hint)
    if _is_union(hint) and type(None) in arguments:
        rest = [argument for argument in arguments if argument is not type(None)]
        return Property(name, _kind(rest[0]) if len(rest) == 1 else AnyType(), required=False)
    return Property(name, _kind(hint))


def _output_kind(hint: Any) -> Kind:
    if typing.get_origin(hint) is list and len(typing.get_args(hint)) == 1:
        (hint,) = typing.get_args(hint)
    try:
        return _kind(hint)
    except Misfit:
        return AnyType()


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _is_pydantic(hint: Any) -> bool:
    # A hint can only be a pydantic model if pydantic is already imported.
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(hint, type) and issubclass(hint, pydantic.BaseModel)


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint)) if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
