"""What is wrong with a message.

msgspec's ValidationError says it in a text. So the value that does not fit is found by trying the message's parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """``path``: names and indexes that lead to the bad value, () for the message itself.

    ``is_missing``: the value is required, and is not there or is empty.
    """

    text: str
    path: Path = ()
    is_missing: bool = False

    @property
    def field(self) -> str:
        """The last name on the path; '' for the message itself."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def place(self) -> str:
        """The whole path, such as ``metrics[0].key``."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")


def find_problem(value: Any, kind: Any) -> Problem | None:
    """The first thing that is wrong with a value of a type; None if nothing is."""
    try:
        msgspec.convert(value, type=kind, strict=False)
    except msgspec.ValidationError as error:
        return _problem_inside(value, kind) or Problem(str(error), (), _is_empty(value, kind))
    return None


def _problem_inside(value: Any, kind: Any) -> Problem | None:
    for step, part, its_kind in _parts(value, _plain(kind)):
        problem = find_problem(part, its_kind)
        if problem:
            return problem._replace(path=(step, *problem.path))
    return _missing_field(value, _plain(kind))


def _parts(value: Any, kind: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """The fields of a message or the items of a list, with their types."""
    if _is_message(kind) and isinstance(value, Mapping):
        fields = _fields(kind)
        yield from ((name, part, fields[name].type) for name, part in value.items() if name in fields)
    elif get_origin(kind) is list and isinstance(value, list):
        yield from ((index, item, get_args(kind)[0]) for index, item in enumerate(value))


def _missing_field(value: Any, kind: Any) -> Problem | None:
    if not _is_message(kind) or not isinstance(value, Mapping):
        return None
    missing = (name for name, field in _fields(kind).items() if field.required and name not in value)
    return next((Problem("it is required", (name,), is_missing=True) for name in missing), None)


def _is_empty(value: Any, kind: Any) -> bool:
    """Whether a value is empty, but must not be."""
    least = (each.min_length for each in get_args(kind)[1:] if isinstance(each, msgspec.Meta))
    return value in ("", []) and get_origin(kind) is Annotated and any(least)


def _plain(kind: Any) -> Any:
    """The type without its constraints, and without None."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        others = [each for each in get_args(kind) if each is not NoneType]
        return _plain(others[0]) if len(others) == 1 else kind
    return kind


def _is_message(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(kind)}
