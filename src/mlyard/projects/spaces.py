"""What a sweep tries of a parameter: a list of values, or a range of numbers."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})(?P<log>:log)?")
_WHOLE = re.compile(r"[-+]?\d+")
_COMMA = re.compile(r"(?<!\\),")


class Choices(msgspec.Struct, frozen=True):
    """A list of values."""

    options: tuple[str, ...]

    @property
    def samples(self) -> tuple[str, ...]:
        """Values that stand for all."""
        return self.options

    def draw(self, source: random.Random) -> str:
        """A random value."""
        return source.choice(self.options)


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers from ``low`` to ``high``; ``whole`` numbers, or even on a logarithmic scale."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    @property
    def samples(self) -> tuple[str, ...]:
        """Values that stand for all."""
        return self.text(self.low), self.text(self.high)

    def draw(self, source: random.Random) -> str:
        """A random value."""
        low, high = self.low, self.high + 1 if self.whole else self.high
        found = math.exp(source.uniform(math.log(low), math.log(high))) if self.log else source.uniform(low, high)
        return self.text(min(max(found, self.low), self.high + 0.5 if self.whole else self.high))

    def text(self, number: float) -> str:
        """A number as the command gets it."""
        return str(math.floor(number)) if self.whole else repr(float(number))


Space = Choices | Range


def parse_spaces(parameters: Mapping[str, Any]) -> dict[str, Space]:
    """The space of each parameter: a list, or a text such as ``0.1,0.2`` or ``1e-5..1e-1:log``."""
    return {str(name): _parse(str(name), given) for name, given in parameters.items()}


def _parse(name: str, given: Any) -> Space:
    if isinstance(given, (list, tuple)):
        options = tuple(str(option) for option in given)
    else:
        if found := _RANGE.fullmatch(str(given)):
            return _range(name, found)
        options = tuple(option.replace("\\,", ",") for option in _COMMA.split(str(given)))
    if not options or len(set(options)) != len(options):
        raise InvalidParameter(f"The parameter {name!r} needs values that differ, not {given!r}.")
    return Choices(options)


def _range(name: str, found: re.Match[str]) -> Range:
    whole = all(_WHOLE.fullmatch(found[each]) for each in ("low", "high"))
    space = Range(low=float(found["low"]), high=float(found["high"]), log=bool(found["log"]), whole=whole)
    if not -math.inf < space.low < space.high < math.inf or (space.log and space.low <= 0):
        rule = "low..high with low < high, and with :log a low above 0"
        raise InvalidParameter(f"The parameter {name!r} has the range {found[0]!r}: write {rule}.")
    return space
