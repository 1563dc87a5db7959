"""Fills the placeholders of an entry point's command, without making a parameter's value text that a shell parses.

The shell gets the values as its positional parameters: ``python train.py {alpha}`` with alpha=0.5 is run as
``bash -c 'python train.py "${1}"' bash 0.5``. The result of such an expansion is never parsed again, so no value can
become a command (ADR 0019).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from mlyard.core.errors import InvalidParameter

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w-]*)\}")
_BARE, _SINGLE, _DOUBLE, _COMMENT = "", "'", '"', "#"
# A placeholder inside quotes may be part of a text that a second shell parses, as in bash -c "train {alpha}".
_ACTIVE = re.compile(r"[^\w \t%+,./:=@-]")


def shell_command(command: str, values: Mapping[str, str], extra: Mapping[str, str]) -> list[str]:
    """The argument list that runs a command; ``extra`` are appended as ``--name value``. Raises InvalidParameter."""
    numbers: dict[str, int] = {}
    parts = []
    for text, name, quotes in _pieces(command):
        parts.append(text)
        if name is None:
            continue
        if name not in values:
            raise InvalidParameter(f"The command has the placeholder {{{name}}}, but there is no such parameter.")
        if quotes in {_SINGLE, _DOUBLE} and _ACTIVE.search(values[name]):
            raise InvalidParameter(
                f"The command has the placeholder {{{name}}} inside quotes, where the value {values[name]!r} is not "
                "safe: write the placeholder without quotes; its value always stays one word."
            )
        parts.append(_expansion(numbers.setdefault(name, len(numbers) + 1), quotes))
    arguments = [values[name] for name in numbers]
    for name, value in extra.items():
        arguments += [f"--{name}", value]
        parts.append(f' "${{{len(arguments) - 1}}}" "${{{len(arguments)}}}"')
    return ["bash", "-c", "".join(parts), "bash", *arguments]


def shown_command(command: str, values: Mapping[str, str], extra: Mapping[str, str]) -> str:
    """The command for people, with each value quoted as a shell would need it."""
    filled = [
        text + (shlex.quote(values.get(name, "")) if name is not None else "") for text, name, _ in _pieces(command)
    ]
    return " ".join(["".join(filled), *(f"--{name} {shlex.quote(value)}" for name, value in extra.items())])


def _expansion(number: int, quotes: str) -> str:
    inner = f"${{{number}}}"
    return {_BARE: f'"{inner}"', _SINGLE: f"'\"{inner}\"'"}.get(quotes, inner)


def _pieces(command: str) -> list[tuple[str, str | None, str]]:
    """The text before each placeholder, its name, and the quotes around it; the text after the last has no name.

    As in MLflow, ``{{`` and ``}}`` mean braces, and no other brace is allowed.
    """
    found: list[tuple[str, str | None, str]] = []
    text, place, quotes = "", 0, _BARE
    while place < len(command):
        two, name = command[place : place + 2], _PLACEHOLDER.match(command, place)
        if two in {"{{", "}}"}:
            text, place = text + two[0], place + 2
        elif name:
            found.append((text, name[1], quotes))
            text, place = "", name.end()
        elif two[0] in "{}":
            raise InvalidParameter(
                f"The command has a {two[0]!r} that is not part of a placeholder, at {command[place : place + 20]!r}: "
                f"write {two[0] * 2!r}."
            )
        else:
            taken, quotes = _step(command, place, quotes)
            text, place = text + taken, place + len(taken)
    return [*found, (text, None, quotes)]


def _step(command: str, place: int, quotes: str) -> tuple[str, str]:
    """The next piece of plain shell text, and the quotes after it."""
    character = command[place]
    if character == "\\" and quotes != _SINGLE and command[place + 1 : place + 2] not in {"", "{", "}"}:
        return command[place : place + 2], quotes
    if quotes == _COMMENT:
        return character, _BARE if character == "\n" else _COMMENT
    if quotes == _BARE and character == "#" and (place == 0 or command[place - 1] in " \t\n;&|("):
        return character, _COMMENT
    if character in {_SINGLE, _DOUBLE}:
        return character, _BARE if quotes == character else quotes or character
    return character, quotes
