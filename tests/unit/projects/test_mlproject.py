"""MLproject files: their parameters, and commands that no value can break out of."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.projects.mlproject import EntryPoint, Parameter, read_project

MLPROJECT = """
name: example
conda_env: conda.yaml
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.5}
      data: path
      note: {type: string, default: "none"}
    command: "python train.py {alpha} {data} {note}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "MLproject").write_text(MLPROJECT)
    (tmp_path / "other.py").write_text("")
    return tmp_path


def test_defaults_fill_what_is_not_given_and_paths_become_absolute(folder: Path) -> None:
    point = read_project(folder).entry_point("main")
    assert point.resolve({"data": "x.csv"}) == {"alpha": "0.5", "data": str(folder / "x.csv"), "note": "none"}


def test_parameters_that_the_entry_point_does_not_know_are_appended(folder: Path) -> None:
    point = read_project(folder).entry_point("main")
    values = point.resolve({"data": "https://host/x", "extra": "a b"})
    assert point.command_line(values) == "python train.py 0.5 https://host/x none --extra 'a b'"


@pytest.mark.parametrize(
    ("given_values", "reason"),
    [({}, "No value given for the parameter 'data'"), ({"data": "x", "alpha": "high"}, "must be of type float")],
)
def test_missing_and_mistyped_values_are_refused(folder: Path, given_values: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidParameter, match=reason):
        read_project(folder).entry_point("main").resolve(given_values)


@pytest.mark.parametrize("name", ["$(touch x)", "a b", "a;b", "-x", ""])
def test_a_parameter_name_that_a_shell_would_read_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid parameter name"):
        read_project(folder).entry_point("main").resolve({"data": "x", name: "1"})


def test_a_script_is_an_entry_point_but_not_one_outside(folder: Path) -> None:
    project = read_project(folder)
    assert project.entry_point("other.py").command == "python other.py"
    (folder.parent / "outside.py").write_text("")
    with pytest.raises(DoesNotExist, match="has no entry point"):
        project.entry_point("../outside.py")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_a_value_reaches_its_command_as_one_word(value: str) -> None:
    point = EntryPoint(name="main", command="printf %s {text}", parameters=(Parameter(name="text"),))
    done = subprocess.run(["bash", "-c", point.command_line({"text": value})], capture_output=True, check=True)
    assert done.stdout.decode() == value
