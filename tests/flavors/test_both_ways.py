"""Models of each flavor go both ways between mlyard and MLflow 3.17.2, which live in environments apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlyard
from mlyard.models.format.flavor import find_flavor
from tests.flavors.exchange import all_forms, answer_of, data_of, flavors_of, trained, with_mlflow
from tests.flavors.mlflow_side import plain

FORMS = pytest.mark.parametrize(("flavor", "form"), all_forms())


@pytest.fixture(scope="module")
def exchanged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """What went both ways, in one process of MLflow's: the folder, and MLflow's answers."""
    folder = tmp_path_factory.mktemp("exchange")
    return folder, with_mlflow(folder)


def same(one: Any, other: Any) -> bool:
    """Whether two answers have the same structure, and numbers that are close."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and one and isinstance(one[0], (dict, list)):
        return len(one) == len(other) and all(map(same, one, other))
    array = np.asarray(one)
    if array.dtype.kind in "biuf":
        return array.shape == np.asarray(other).shape and bool(np.allclose(array, other, rtol=1e-4, atol=1e-5))
    return bool(one == other)


def is_aside(flavor: str, form: str) -> bool:
    """Whether python_function is meant to answer otherwise than MLflow's; the flavor's guide says how."""
    return form in getattr(trained(flavor), "FUNCTION_ASIDE", set())


@FORMS
def test_ours_in_mlflow(exchanged: tuple[Path, Any], flavor: str, form: str) -> None:
    folder, answers = exchanged
    assert "error" not in answers[flavor][form], answers[flavor][form]["error"]
    here = mlyard.pyfunc.load_model(folder / "ours" / flavor / form).predict(data_of(flavor, form))
    assert same(answers[flavor][form]["own"], plain(answer_of(flavor, form)))
    assert same(answers[flavor][form]["function"], plain(here)) or is_aside(flavor, form)


@FORMS
def test_mlflows_in_ours(exchanged: tuple[Path, Any], flavor: str, form: str) -> None:
    folder, answers = exchanged
    module: Any = find_flavor(flavor)
    theirs = folder / "mlflows" / flavor / form
    own = trained(flavor).ask(module.load_model(theirs), data_of(flavor, form))
    assert same(plain(own), plain(answer_of(flavor, form)))
    function = mlyard.pyfunc.load_model(theirs).predict(data_of(flavor, form))
    assert same(plain(function), answers[flavor][form]["function"]) or is_aside(flavor, form)


@FORMS
def test_files_and_entries_are_mlflows(exchanged: tuple[Path, Any], flavor: str, form: str) -> None:
    folder, _ = exchanged
    ours, theirs = flavors_of(folder / "ours" / flavor / form), flavors_of(folder / "mlflows" / flavor / form)
    aside = getattr(trained(flavor), "ASIDE", set())
    for name in (flavor, "python_function"):
        assert {key: value for key, value in ours[name].items() if key not in aside | {"code"}} == {
            key: value for key, value in theirs[name].items() if key not in aside | {"code"}
        }
    files_aside = getattr(trained(flavor), "FILES_ASIDE", set())
    assert files(folder / "ours" / flavor / form) == files(folder / "mlflows" / flavor / form) - files_aside


def files(folder: Path) -> set[str]:
    """The names of a model's files; Spark puts an identifier of its own into some."""
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    return {re.sub(r"(_|part-00000-)[0-9a-f-]{12,}", r"\1…", name) for name in found}
