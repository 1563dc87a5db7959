"""The examples in the docstrings of public callables run, each in an empty folder with the default store.

The examples of the flavors run in the environments that have their libraries: see tests/flavors/environments.py.
"""

from __future__ import annotations

import doctest
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlyard
from mlyard.client import fluent_experiments, tracking
from tests.flavors.environments import ENVIRONMENTS, HERE, LIBRARIES_WARN
from tests.public import public_callables
from tests.wheels import wheel

CALLABLES = public_callables()
PLACES = {f"mlyard.{flavor}": place for place, flavors in ENVIRONMENTS.items() for flavor in flavors}
PLACES["mlyard.pyfunc.spark_udf"] = PLACES["mlyard.spark"]
pytestmark = [pytest.mark.filterwarnings(LIBRARIES_WARN)] if HERE else []


def place_of(name: str) -> str:
    """The environment in which an example runs; '' is the one of all other tests."""
    return PLACES.get(name) or PLACES.get(name.rpartition(".")[0], "")


def examples(name: str) -> list[doctest.DocTest]:
    return doctest.DocTestFinder(recurse=False).find(CALLABLES[name], name, globs={})


RUN_HERE = [name for name in CALLABLES if place_of(name) == HERE]


@pytest.fixture(autouse=True)
def _as_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The experiment and the URIs that an example chooses, and a run that it leaves active, do not reach the next."""
    monkeypatch.setattr(fluent_experiments, "_experiment", {})
    monkeypatch.setattr(tracking, "_chosen", {})
    yield
    while mlyard.active_run():
        mlyard.end_run()
    for name in ("MLYARD_ALLOW_PICKLE", "MLYARD_EXPERIMENT_ID", "MLYARD_TRACKING_URI"):
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


@pytest.mark.parametrize("name", RUN_HERE)
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
