"""Which values a sweep tries next: all of a grid, random ones, or those that Optuna's TPE proposes."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.projects.spaces import Choices, Range, Space

_SPEC = re.compile(r"(?P<kind>grid|random|tpe)(:(?P<count>\d{1,6}))?")
MAX_POINTS = 100_000


class SearchSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The way to search, and the number of points; a grid has as many as it has."""

    kind: str
    count: int | None = None


class Search(Protocol):
    """Proposes points. A point is the value of each parameter; it has a number, which starts at 0."""

    def propose(self) -> tuple[int, dict[str, str]] | None:
        """The next point; None if there is no more."""

    def tell(self, number: int, value: float | None) -> None:
        """How a point has done: the value to minimize, or None if it failed."""


def parse_search(text: str) -> SearchSpec:
    """``grid``, ``random:N`` or ``tpe:N``. Raises InvalidParameter."""
    found = _SPEC.fullmatch(text)
    count = int(found["count"]) if found and found["count"] else None
    if not found or (found["kind"] == "grid") != (count is None) or count == 0:
        raise InvalidParameter(f"Unknown search {text[:100]!r}: use grid, random:N or tpe:N, such as random:50.")
    return SearchSpec(kind=found["kind"], count=count)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A point of an earlier, interrupted sweep."""

    values: dict[str, str]
    value: float | None


def open_search(spec: SearchSpec, spaces: Mapping[str, Space], seed: int, done: Mapping[int, Done]) -> Search:
    """The search of a sweep, without the points that are done. Raises InvalidParameter, MissingExtra."""
    if spec.kind == "tpe":
        return _Tpe(spaces, spec.count or 0, seed, done)
    if spec.kind == "random":
        return _Listed(lambda number: _random_point(spaces, seed, number), spec.count or 0, done)
    return _Listed(*_grid(spaces), done)


def _grid(spaces: Mapping[str, Space]) -> tuple[Callable[[int], dict[str, str]], int]:
    options = []
    for name, space in spaces.items():
        if not isinstance(space, Choices):
            raise InvalidParameter(f"A grid needs a list of values for {name!r}, not a range: write them with commas.")
        options.append(space.options)
    points = list(itertools.islice(itertools.product(*options), MAX_POINTS + 1))
    if len(points) > MAX_POINTS:
        raise InvalidParameter(f"The grid has more than {MAX_POINTS} points: use random:N.")
    return lambda number: dict(zip(spaces, points[number], strict=True)), len(points)


def _random_point(spaces: Mapping[str, Space], seed: int, number: int) -> dict[str, str]:
    """A point that depends on the seed and its number alone, so that an interrupted sweep can go on."""
    source = random.Random(f"{seed}:{number}")  # noqa: S311 - a sample, not a secret
    return {name: space.draw(source) for name, space in spaces.items()}


class _Listed:
    """Points that are known by their numbers."""

    def __init__(self, point: Callable[[int], dict[str, str]], count: int, done: Mapping[int, Done]) -> None:
        self._left = ((number, point(number)) for number in range(count) if number not in done)

    def propose(self) -> tuple[int, dict[str, str]] | None:
        return next(self._left, None)

    def tell(self, number: int, value: float | None) -> None:
        pass  # what was found does not change what comes next


class _Tpe:
    """Optuna's tree-structured Parzen estimator."""

    def __init__(self, spaces: Mapping[str, Space], count: int, seed: int, done: Mapping[int, Done]) -> None:
        self._optuna: Any = need("optuna", "sweep")
        self._optuna.logging.set_verbosity(self._optuna.logging.WARNING)
        self._spaces = spaces
        self._distributions = {name: self._distribution(space) for name, space in spaces.items()}
        self._study = self._optuna.create_study(sampler=self._optuna.samplers.TPESampler(seed=seed + len(done)))
        for each in done.values():
            self._remember(each)
        self._numbers = iter([number for number in range(count) if number not in done])
        self._trials: dict[int, Any] = {}

    def propose(self) -> tuple[int, dict[str, str]] | None:
        number = next(self._numbers, None)
        if number is None:
            return None
        self._trials[number] = self._study.ask(self._distributions)
        found = self._trials[number].params
        return number, {name: _text(space, found[name]) for name, space in self._spaces.items()}

    def tell(self, number: int, value: float | None) -> None:
        state = self._optuna.trial.TrialState
        self._study.tell(self._trials.pop(number), value, state=state.FAIL if value is None else state.COMPLETE)

    def _distribution(self, space: Space) -> Any:
        kinds = self._optuna.distributions
        if isinstance(space, Choices):
            return kinds.CategoricalDistribution(space.options)
        if space.whole:
            return kinds.IntDistribution(int(space.low), int(space.high), log=space.log)
        return kinds.FloatDistribution(space.low, space.high, log=space.log)

    def _remember(self, done: Done) -> None:
        if done.value is None:
            return
        params = {name: _number(space, done.values[name]) for name, space in self._spaces.items()}
        self._study.add_trial(
            self._optuna.trial.create_trial(params=params, distributions=self._distributions, value=done.value)
        )


def _text(space: Space, value: Any) -> str:
    return space.text(value) if isinstance(space, Range) else str(value)


def _number(space: Space, text: str) -> Any:
    if isinstance(space, Range):
        return int(text) if space.whole else float(text)
    return text
