"""Entry points of projects: commands, and the parameters that they take."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.projects.commands import shell_command, shown_command

TYPES = ("string", "float", "int", "path", "uri")
NAME_RULE = "letters, digits, '_' and '-'"
_NAME = re.compile(r"[A-Za-z_][\w\-]*", re.ASCII)
_NUMBERS = {"float": float, "int": int}


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an entry point."""

    name: str
    type: str = "string"
    default: str | None = None


class EntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A command with placeholders for its parameters, ``{name}``."""

    name: str
    command: str
    parameters: tuple[Parameter, ...] = ()

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """The text of each parameter: the given one or the default, then those that are not declared.

        Raises InvalidParameter for a missing or mistyped value, and for an invalid name.
        """
        for name, text in given.items():
            check_name(name)
            if "\0" in text:
                raise InvalidParameter(f"The value of the parameter {name!r} has a NUL character.")
        values = {p.name: _checked(p, given.get(p.name, p.default), self.name) for p in self.parameters}
        return values | {name: value for name, value in given.items() if name not in values}

    def arguments(self, values: Mapping[str, str]) -> list[str]:
        """The argument list that runs the command with these values. Raises InvalidParameter."""
        return shell_command(self.command, *self._split(values))

    def shown(self, values: Mapping[str, str]) -> str:
        """The command with these values, for people."""
        return shown_command(self.command, *self._split(values))

    def _split(self, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """The values of declared parameters, and the others."""
        declared = {parameter.name for parameter in self.parameters}
        return (
            {name: value for name, value in values.items() if name in declared},
            {name: value for name, value in values.items() if name not in declared},
        )


def check_name(name: str) -> None:
    """Raise InvalidParameter unless a text can be the name of a parameter."""
    if not _NAME.fullmatch(name):
        raise InvalidParameter(f"Invalid parameter name {name[:100]!r}: use {NAME_RULE}.")


def _checked(parameter: Parameter, text: str | None, entry_point: str) -> str:
    if text is None:
        raise InvalidParameter(
            f"No value given for the parameter {parameter.name!r} of the entry point {entry_point!r}: "
            f"pass it with -P {parameter.name}=…"
        )
    try:
        _NUMBERS.get(parameter.type, str)(text)
    except ValueError:
        raise InvalidParameter(
            f"The parameter {parameter.name!r} must be of type {parameter.type}, not {text[:100]!r}."
        ) from None
    return text
