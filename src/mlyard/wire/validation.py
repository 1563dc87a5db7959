"""What msgspec found wrong with a message.

msgspec's ValidationError has only a text: no path, no kind. So the text is parsed, here and nowhere else.
tests/unit/wire/test_validation.py raises every kind of error, and fails if a release of msgspec changes its wording.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

_MISSING = re.compile(r"Object missing required field `(?P<field>\w+)`")
_EMPTY = re.compile(r"Expected `(?:str|array)` of length >= 1$")
_LOCATED = re.compile(r"(?P<text>.*) - at `\$(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """``path``: names and indexes that lead to the bad value, () for the message itself.

    ``missing``: the required field that is missing or empty, if that is the problem.
    """

    text: str
    path: Path
    missing: str | None

    @property
    def field(self) -> str:
        """The last name on the path; '' for the message itself."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")


def problem_of(error: msgspec.ValidationError) -> Problem:
    """What the error's text says."""
    located = _LOCATED.fullmatch(str(error))
    text, path = (located["text"], _steps(located["path"])) if located else (str(error), ())
    found = Problem(text, path, None)
    absent = _MISSING.match(text)
    if absent:
        return found._replace(missing=absent["field"])
    return found._replace(missing=found.field) if _EMPTY.match(text) else found


def _steps(path: str) -> Path:
    return tuple(name or int(index) for name, index in _STEP.findall(path))
