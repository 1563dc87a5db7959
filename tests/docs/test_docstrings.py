"""The examples in the docstrings of public callables run, each in an empty folder with the default store."""

from __future__ import annotations

import doctest
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlyard
from mlyard.client import fluent_experiments, tracking
from tests.public import public_callables
from tests.wheels import wheel

CALLABLES = public_callables()
ON_CLUSTERS = {"mlyard.pyfunc.spark_udf"}  # tests/system/batch/test_engines.py runs these, where Spark is installed


def examples(name: str) -> list[doctest.DocTest]:
    return doctest.DocTestFinder(recurse=False).find(CALLABLES[name], name, globs={})


WITH_EXAMPLES = [
    name for name in CALLABLES if name not in ON_CLUSTERS and any(found.examples for found in examples(name))
]


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


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty scikit-learn, for examples that collect wheels: they need no network."""
    folder = tmp_path_factory.mktemp("index")
    wheel(folder, "scikit_learn")
    return folder


@pytest.fixture(autouse=True)
def _without_network(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))


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
