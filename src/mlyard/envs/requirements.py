"""Checks requirement lines from a folder that somebody else wrote.

A line may be the name of a distribution with versions and a marker, an HTTPS address, or a file in the folder.
Options are refused: they could name another index, another machine's files, or code to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.requirement_lines import read_lines

_VERSION = r"(===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+"
_VERSIONS = rf"{_VERSION}(\s*,\s*{_VERSION})*"
_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\s*\[[A-Za-z0-9._,\s-]*\])?"
_MARKER = r"\s*;[A-Za-z0-9_.'\"()<>=!~*+,\s-]+"
_HASHES = r"(\s+--hash=[a-z0-9]+:[0-9a-f]+)*"
_NAMED = re.compile(rf"{_NAME}\s*(\({_VERSIONS}\)|{_VERSIONS})?({_MARKER})?{_HASHES}")
_ADDRESS = re.compile(rf"({_NAME}\s*@\s*)?(git\+)?https://[^\s\"'`$;|<>\\]+({_MARKER})?{_HASHES}")
_OPTION = re.compile(r"\s-(?!-hash=)")
_PATH = re.compile(r"[A-Za-z0-9_.+/-]+")


class CheckedRequirements(msgspec.Struct, frozen=True):
    """Requirement lines that were checked. ``files`` are paths in the folder, which are installed too."""

    lines: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def check_requirements(lines: Iterable[str], folder: Path) -> CheckedRequirements:
    """Check lines. Files named by ``-r`` and ``-c`` are read if they are in ``folder``.

    Raises InvalidParameter, which names the line, for a line that is not one of the three kinds.
    """
    found: dict[str, dict[str, None]] = {"lines": {}, "constraints": {}}
    files: dict[Path, None] = {}
    root = folder.resolve()
    for line, is_constraint in read_lines(lines, root, lambda name, _: _file(name, root)):
        if is_named(line):
            found["constraints" if is_constraint else "lines"][line] = None
        else:
            files[_file(line, root)] = None
    return CheckedRequirements(tuple(found["lines"]), tuple(found["constraints"]), tuple(files))


def is_named(line: str) -> bool:
    """Whether a line is a name with versions, or an address. Otherwise it can only be a file."""
    if _OPTION.search(line) or "@-" in line:
        return False
    return bool(_NAMED.fullmatch(line) or _ADDRESS.fullmatch(line))


def _file(name: str, folder: Path) -> Path:
    place = (folder / name).resolve()
    if not _PATH.fullmatch(name) or name.startswith(("-", "/")) or not place.is_relative_to(folder):
        raise InvalidParameter(
            f"The requirement {name!r} is refused. Write the name of a package with its versions, an https:// address "
            "or a file beside the requirements. Choose another index with UV_INDEX_URL or PIP_INDEX_URL."
        )
    if not place.is_file():
        raise InvalidParameter(f"The requirement {name!r} is neither a package with its versions nor a file.")
    return place
