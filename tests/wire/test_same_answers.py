"""mlyard's REST answers against MLflow's: recorded requests, sent again, compared field by field."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from compare import compared
from differences import DELIBERATE, unexpected
from diffing import Difference
from recordings import NAMES, load, scenario

from tests.conftest import free_port, running


@cache
def found_in(name: str) -> list[Difference]:
    """The differences of one scenario, played once."""
    with TemporaryDirectory() as folder, running(["server"], Path(folder), free_port()) as live:
        return compared(name, live.url)


@pytest.mark.parametrize("name", NAMES)
def test_the_recording_is_of_this_scenario(name: str) -> None:
    assert load(name)[0] == scenario(name), f"record it again: python tests/wire/record.py … {name}"


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_are_mlflows(name: str) -> None:
    wrong = unexpected(found_in(name))
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(str(one) for one in wrong)


@pytest.mark.parametrize("entry", DELIBERATE, ids=lambda entry: entry.reason)
def test_each_deliberate_difference_still_occurs(entry: object) -> None:
    everything = [one for name in NAMES for one in found_in(name)]
    assert any(entry.covers(one) for one in everything), "it no longer occurs: take it out of the table"
