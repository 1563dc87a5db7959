"""Signatures as MLflow 3.17.2 has them: what it answered to each case is recorded, and so is each meant difference."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compat.signatures import cases
from tests.compat.signatures.differences import DIFFERENCES, OTHER, REFUSED, TAKEN, meant
from tests.compat.signatures.ours import Mlyard
from tests.compat.signatures.playing import Answer, play

THEIRS: dict[str, dict[str, Answer]] = json.loads((Path(__file__).parent / "signatures" / "recorded.json").read_text())


@pytest.fixture(scope="module")
def ours() -> Iterator[dict[str, dict[str, Answer]]]:
    logging.getLogger("mlyard").setLevel(logging.ERROR)
    yield play(Mlyard(), cases)
    logging.getLogger("mlyard").setLevel(logging.NOTSET)


def outcome(ours: Answer, theirs: Answer) -> str | None:
    if ours == theirs:
        return None
    return TAKEN if theirs == "refused" else REFUSED if ours == "refused" else OTHER


def test_every_case_is_recorded(ours: dict[str, dict[str, Answer]]) -> None:
    assert {part: set(answers) for part, answers in ours.items()} == {part: set(a) for part, a in THEIRS.items()}
    assert sum(map(len, THEIRS.values())) > 1500


@pytest.mark.parametrize("part", THEIRS)
def test_mlyard_answers_as_mlflow_does(part: str, ours: dict[str, dict[str, Answer]]) -> None:
    for case, theirs in THEIRS[part].items():
        how = outcome(ours[part][case], theirs)
        assert how is None or meant(part, case, how), f"{case}: {how}\nhere:  {ours[part][case]}\nthere: {theirs}"


def test_every_meant_difference_still_occurs(ours: dict[str, dict[str, Answer]]) -> None:
    occurred = set()
    for part, answers in THEIRS.items():
        for case, theirs in answers.items():
            how = outcome(ours[part][case], theirs)
            occurred |= set(meant(part, case, how)) if how else set()
    assert [entry for number, entry in enumerate(DIFFERENCES) if number not in occurred] == []
