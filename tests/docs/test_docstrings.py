"""The examples in the docstrings of public callables run, each in an empty folder with the default store."""

from __future__ import annotations

import doctest
import os
from collections.abc import Iterator

import pytest

import mlyard
from mlyard.client import fluent_experiments, tracking
from tests.public import public_callables

CALLABLES = public_callables()


def examples(name: str) -> list[doctest.DocTest]:
    return doctest.DocTestFinder(recurse=False).find(CALLABLES[name], name, globs={})


WITH_EXAMPLES = [name for name in CALLABLES if any(found.examples for found in examples(name))]


@pytest.fixture(autouse=True)
def _as_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The experiment and the URIs that an example chooses, and a run that it leaves active, do not reach the next."""
    monkeypatch.setattr(fluent_experiments, "_experiment", {})
    monkeypatch.setattr(tracking, "_chosen", {})
    yield
    while mlyard.active_run():
        mlyard.end_run()
    for name in ("MLYARD_EXPERIMENT_ID", "MLYARD_TRACKING_URI"):
        os.environ.pop(name, None)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_example_runs(name: str) -> None:
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    for example in examples(name):
        runner.run(example, out=report.append)
    assert runner.failures == 0, "".join(report)
    assert runner.tries > 0


def test_a_wrong_example_is_found() -> None:
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner(verbose=False).run(wrong, out=lambda _: None).failed == 1
