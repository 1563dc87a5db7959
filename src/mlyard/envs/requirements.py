"""Checks requirement lines from a folder that somebody else wrote.

A line may be the name of a distribution with versions and a marker, an HTTPS address, or a file in the folder.
Options are refused: they could name another index, another machine's files, or code to run.
Grammar: PEP 508 and pip's requirements files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter

_COMMENT = re.compile(r"(^|\s)#.*$")
_FILE_LINE = re.compile(r"^(-r|--requirement|-c|--constraint)[\s=]+(?P<file>\S+)$")
_VERSION = r"(===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+"
_VERSIONS = rf"{_VERSION}(\s*,\s*{_VERSION})*"
_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\s*\[[A-Za-z0-9._,\s-]*\])?"
_MARKER = r"\s*;[A-Za-z0-9_.'\"()<>=!~*+,\s-]+"
_HASHES = r"(\s+--hash=[a-z0-9]+:[0-9a-f]+)*"
_NAMED = re.compile(rf"{_NAME}\s*(\({_VERSIONS}\)|{_VERSIONS})?({_MARKER})?{_HASHES}")
_ADDRESS = re.compile(rf"({_NAME}\s*@\s*)?(git\+)?https://[^\s\"'`$;|<>\\]+({_MARKER})?{_HASHES}")
_OPTION = re.compile(r"\s-(?!-hash=)")
_PATH = re.compile(r"[A-Za-z0-9_.+/-]+")


class Requirements(msgspec.Struct, frozen=True):
    """Requirement lines that were checked. ``files`` are paths in the folder, which are installed too."""

    lines: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def check_requirements(lines: Iterable[str], folder: Path) -> Requirements:
    """Check lines. Files named by ``-r`` and ``-c`` are read if they are in ``folder``.

    Raises InvalidParameter, which names the line, for a line that is not one of the three kinds.
    """
    found: dict[str, dict[str, None]] = {"lines": {}, "constraints": {}}
    files: dict[Path, None] = {}
    for line, is_constraint in _followed(lines, folder.resolve(), False, ()):
        if is_named(line):
            found["constraints" if is_constraint else "lines"][line] = None
        else:
            files[_file(line, folder.resolve())] = None
    return Requirements(tuple(found["lines"]), tuple(found["constraints"]), tuple(files))


def is_named(line: str) -> bool:
    """Whether a line is a name with versions, or an address. Otherwise it can only be a file."""
    if _OPTION.search(line) or "@-" in line:
        return False
    return bool(_NAMED.fullmatch(line) or _ADDRESS.fullmatch(line))


def name_of(line: str) -> str:
    """The normalized name at the start of a line; '' for an address."""
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*(?!\S*://)", line)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found and "://" not in line.partition("@")[0] else ""


def _followed(
    lines: Iterable[str], folder: Path, is_constraint: bool, opened: Sequence[Path]
) -> Iterator[tuple[str, bool]]:
    for line in _joined(lines):
        found = _FILE_LINE.match(line)
        if not found:
            yield line, is_constraint
            continue
        file = _file(found["file"], folder)
        if file in opened:
            raise InvalidParameter(f"The requirements file {file.name!r} includes itself.")
        inner = file.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from _followed(inner, folder, is_constraint or line.startswith(("-c", "--c")), (*opened, file))


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


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines without comments. A backslash at the end of a line continues it on the next."""
    begun = ""
    for line in (part for given in lines for part in str(given).splitlines()):
        text = begun + _COMMENT.sub("", line).strip()
        if text.endswith("\\"):
            begun = text[:-1]
            continue
        begun = ""
        if text:
            yield text
    if begun.strip():
        yield begun.strip()
