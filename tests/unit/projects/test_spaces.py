"""What a sweep tries: lists, ranges, grids and random points."""

from __future__ import annotations

import random
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.core.errors import InvalidParameter
from mlyard.projects.searches import Done, SearchSpec, open_search, parse_search
from mlyard.projects.spaces import Choices, Range, Space, parse_spaces


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("0.25,0.5", Choices(("0.25", "0.5"))),
        ("a", Choices(("a",))),
        ("a\\,b,c", Choices(("a,b", "c"))),
        ("", Choices(("",))),
        ([0.25, "x,y"], Choices(("0.25", "x,y"))),
        (3, Choices(("3",))),
        ("1..10", Range(low=1, high=10, whole=True)),
        ("-1..+1", Range(low=-1, high=1, whole=True)),
        ("1..10.0", Range(low=1, high=10)),
        (".5..1.", Range(low=0.5, high=1)),
        ("1e-5..1e-1:log", Range(low=1e-5, high=1e-1, log=True)),
        ("1..1000:log", Range(low=1, high=1000, log=True, whole=True)),
        ("../data..1", Choices(("../data..1",))),
    ],
)
def test_each_form_has_its_meaning(text: Any, space: Space) -> None:
    assert parse_spaces({"a": text}) == {"a": space}


@pytest.mark.parametrize("text", ["2..1", "1..1", "0..1:log", "-1..1:log", "1..1e999", "a,a", []])
def test_spaces_that_are_refused(text: Any) -> None:
    with pytest.raises(InvalidParameter, match="'a'"):
        parse_spaces({"a": text})


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("grid", SearchSpec(kind="grid")),
        ("random:50", SearchSpec(kind="random", count=50)),
        ("tpe:1", SearchSpec(kind="tpe", count=1)),
    ],
)
def test_searches(text: str, spec: SearchSpec) -> None:
    assert parse_search(text) == spec


@pytest.mark.parametrize(
    "text", ["", "grid:3", "random", "random:0", "random:-1", "random:x", "tpe:1000000000", "annealing:3"]
)
def test_searches_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="use grid, random:N or tpe:N"):
        parse_search(text)


def points(search: str, spaces: dict[str, Any], seed: int = 0, done: dict[int, Done] | None = None) -> list[Any]:
    found = open_search(parse_search(search), parse_spaces(spaces), seed, done or {})
    return list(iter(found.propose, None))


NOTHING = Done(values={}, value=None)


def test_a_grid_has_all_combinations_in_order_and_leaves_out_what_is_done() -> None:
    spaces = {"a": "1,2", "b": "x,y", "c": "z"}
    assert points("grid", spaces, done={1: NOTHING}) == [
        (0, {"a": "1", "b": "x", "c": "z"}), (2, {"a": "2", "b": "x", "c": "z"}), (3, {"a": "2", "b": "y", "c": "z"}),
    ]  # fmt: skip


def test_a_grid_of_ranges_or_of_too_many_points_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="A grid needs a list of values for 'a'"):
        points("grid", {"a": "1..3"})
    with pytest.raises(InvalidParameter, match="more than 100000 points"):
        points("grid", {name: list(range(100)) for name in "abc"})


def test_random_points_depend_on_the_seed_and_their_number_alone() -> None:
    spaces = {"a": "0..1e3", "b": "x,y"}
    whole = points("random:20", spaces, seed=1)
    assert points("random:20", spaces, seed=1) == whole
    assert points("random:20", spaces, seed=1, done={0: NOTHING, 7: NOTHING}) == [
        whole[n] for n in range(20) if n not in {0, 7}
    ]
    assert points("random:20", spaces, seed=2) != whole


@given(st.integers(-1000, 1000), st.integers(1, 1000), st.booleans(), st.booleans(), st.randoms(use_true_random=False))
def test_what_is_drawn_is_in_its_range(low: int, width: int, log: bool, whole: bool, source: random.Random) -> None:
    log = log and low > 0
    space = Range(low=low, high=low + width, log=log, whole=whole)
    value = space.draw(source)
    assert low <= (int if whole else float)(value) <= low + width


def test_both_ends_of_whole_numbers_are_drawn() -> None:
    source = random.Random(1)
    for log in (False, True):
        assert {Range(low=1, high=3, whole=True, log=log).draw(source) for _ in range(200)} == {"1", "2", "3"}


def test_tpe_learns_from_what_it_is_told_and_from_what_is_done() -> None:
    spaces = parse_spaces({"x": "-10.0..10.0", "n": "1..8:log", "kind": "good,bad"})

    def run(done: dict[int, Done]) -> dict[int, Done]:
        search = open_search(parse_search("tpe:40"), spaces, 1, done)
        found = dict(done)
        while proposed := search.propose():
            number, values = proposed
            value = (float(values["x"]) - 3) ** 2 + int(values["n"]) + 50 * (values["kind"] == "bad")
            search.tell(number, None if number == 5 else value)
            found[number] = Done(values=values, value=None if number == 5 else value)
        return found

    first = run({})
    assert sorted(first) == list(range(40))
    values = [each.value for each in first.values() if each.value is not None]
    # The first ten points are random.
    assert statistics.median(values[-10:]) < statistics.median(values[:10]) / 2
    assert run(first) == first
    again = run({number: first[number] for number in range(20)})
    assert sorted(again) == list(range(40))
