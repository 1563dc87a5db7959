"""Requirements as pip's files hold them: read with what they refer to, and pinned to what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter

_COMMENT = re.compile(r"(^|\s)#.*$")
_FILE_LINE = re.compile(r"^(-r|--requirement|-c|--constraint)[\s=]*(?P<file>\S.*)$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


class Requirements(msgspec.Struct, frozen=True):
    """Lines of requirements, and of constraints on what they bring with them."""

    lines: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


def read_requirements(given: Sequence[str] | str | Path) -> Requirements:
    """From a list, or from the path of a file; what ``-r`` and ``-c`` lines name is read too.

    Raises InvalidParameter when a file cannot be read or refers to itself.
    """
    if isinstance(given, (str, Path)):
        given = [f"-r {given}"]
    lines: dict[str, None] = {}
    constraints: dict[str, None] = {}
    for line, is_constraint in _resolved(given, Path(), False, ()):
        (constraints if is_constraint else lines)[line] = None
    return Requirements(tuple(lines), tuple(constraints))


def _resolved(
    lines: Iterable[str], base: Path, is_constraint: bool, opened: tuple[Path, ...]
) -> Iterable[tuple[str, bool]]:
    for line in _joined(lines):
        found = _FILE_LINE.match(line)
        if not found:
            yield line, is_constraint
            continue
        file = (base / found["file"].strip().strip("\"'")).resolve()
        inner = is_constraint or line.startswith(("-c", "--constraint"))
        yield from _resolved(_read(file, opened), file.parent, inner, (*opened, file))


def _read(file: Path, opened: tuple[Path, ...]) -> list[str]:
    if file in opened:
        raise InvalidParameter(f"The requirements file {str(file)!r} refers to itself.")
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidParameter(f"The requirements file {str(file)!r} cannot be read: {error}.") from None


def _joined(lines: Iterable[str]) -> Iterable[str]:
    """Lines without comments; a backslash at an end joins the next one."""
    begun = ""
    for line in lines:
        text = begun + _COMMENT.sub("", str(line)).strip()
        if text.endswith("\\"):
            begun = text[:-1]
            continue
        begun = ""
        if text:
            yield text
    if begun.strip():
        yield begun.strip()


def pinned(distributions: Iterable[str]) -> tuple[str, ...]:
    """``name==version`` of those that are installed. Not mlyard: other tools load the model without it."""
    return tuple(filter(None, map(_pin, distributions)))


def _pin(distribution: str) -> str | None:
    try:
        # A local version ('2.13.0+cpu') is found on no index; pip takes the public one for it.
        return f"{distribution}=={version(distribution).partition('+')[0]}"
    except PackageNotFoundError:
        return None


def distribution_name(requirement: str) -> str:
    """The normal form of the name that a requirement begins with; '' for a path, a URL or an option."""
    found = _NAME.match(requirement.strip())
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def merged(requirements: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Both; where both name a distribution, what ``more`` says of it counts."""
    named = {distribution_name(line) for line in more} - {""}
    return (*(line for line in requirements if distribution_name(line) not in named), *more)
