"""Reads the lines of requirements files.

Grammar: PEP 508 and pip's requirements file format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mlyard.core.errors import InvalidParameter

_COMMENT = re.compile(r"(^|\s)#.*$")
_INCLUDE = re.compile(r"(?P<option>-r|--requirement|-c|--constraint)[\s=]*(?P<file>\S.*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?!\S*://)")


def read_lines(
    lines: Iterable[str],
    folder: Path,
    find: Callable[[str, Path], Path],
    is_constraint: bool = False,
    opened: tuple[Path, ...] = (),
) -> Iterator[tuple[str, bool]]:
    """Yield each requirement, and whether it is a constraint. Files in ``-r`` and ``-c`` lines are read too.

    ``find`` returns the path of such a file from its name and the folder of the file that includes it.
    Raises InvalidParameter if a file cannot be read or includes itself.
    """
    for line in _logical(lines):
        included = _INCLUDE.fullmatch(line)
        if not included:
            yield line, is_constraint
            continue
        file = find(included["file"].strip("\"'"), folder)
        inner = is_constraint or included["option"] in {"-c", "--constraint"}
        yield from read_lines(_read(file, opened), file.parent, find, inner, (*opened, file))


def distribution_name(requirement: str) -> str:
    """The normalized name at the start of a requirement; '' for a path, a URL or an option."""
    text = requirement.strip()
    found = _NAME.match(text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found and "://" not in text.partition("@")[0] else ""


def _read(file: Path, opened: tuple[Path, ...]) -> list[str]:
    if file in opened:
        raise InvalidParameter(f"The requirements file {str(file)!r} includes itself.")
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidParameter(f"The requirements file {str(file)!r} cannot be read: {error}.") from None


def _logical(lines: Iterable[str]) -> Iterator[str]:
    """Lines without comments; a backslash at the end of a line joins it with the next one."""
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
