"""What became of each package that a project asks for, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mlyard.core.errors import InvalidParameter

BUILD = "conda's build string dropped"
_OUT = "left out"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A package as it was asked for, and what the environment has instead.

    ``got``: the version or the package; None: it was left out. ``why``: the reason; '' if the package is as asked.
    ``is_exact``: whether the environment still has what was asked for, so that a strict environment allows it.
    """

    asked: str
    got: str | None
    why: str = ""
    is_exact: bool = False


def changed(rows: Sequence[Change]) -> list[Change]:
    """The rows that a strict environment refuses."""
    return [row for row in rows if not row.is_exact]


def check_strict(rows: Sequence[Change]) -> None:
    """Raise InvalidParameter with the table when something is not as asked."""
    found = changed(rows)
    if found:
        raise InvalidParameter(
            f"The environment cannot be made exactly as its file says:\n{as_text(found)}\n"
            "Leave out --strict-env to accept this, or change the file."
        )


def notable(rows: Sequence[Change]) -> list[Change]:
    """The rows that are worth reading: those where more than a build string changed."""
    return [row for row in changed(rows) if row.why != BUILD]


def summary(rows: Sequence[Change]) -> str:
    """How many packages are as asked, are changed and are left out, in one line."""
    out = sum(row.got is None for row in rows)
    counts = {
        "as asked": len(rows) - len(notable(rows)),
        "changed": len(notable(rows)) - out,
        "left out": out,
    }
    built = sum(BUILD in row.why for row in rows)
    dropped = [f"build strings of {built} dropped"] if built else []
    return ", ".join([*(f"{count} {what}" for what, count in counts.items() if count), *dropped]) or "nothing asked for"


def as_text(rows: Sequence[Change]) -> str:
    """The table, one line per row, without build strings."""
    cells = [
        (_without_build(row), row.got or _OUT, row.why.replace(f"{BUILD}; ", "").replace(BUILD, "")) for row in rows
    ]
    asked, got = (max((len(cell[column]) for cell in cells), default=0) for column in (0, 1))
    return "\n".join(f"{cell[0]:<{asked}} -> {cell[1]:<{got}}  {cell[2]}".rstrip("; ") for cell in cells)


def _without_build(row: Change) -> str:
    return row.asked.rpartition("=")[0] if BUILD in row.why else row.asked
