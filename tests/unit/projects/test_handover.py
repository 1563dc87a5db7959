"""What jobs on other machines are told, and which tracking stores they can reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlyard.client.client import MlyardClient
from mlyard.core.errors import InvalidParameter
from mlyard.projects.address import parse_address
from mlyard.projects.backends.config import Waiting
from mlyard.projects.backends.handover import check_tracking, handed_over, tracking_variables
from mlyard.projects.backends.port import Job, Task
from mlyard.projects.environment import EnvChoice
from mlyard.projects.fetch import fetch
from mlyard.projects.mlproject import read_project


def task(folder: Path, **values: str) -> Task:
    (folder / "x.sh").write_text("true")
    address, project = parse_address(str(folder)), read_project(folder)
    job = Job(
        uri=str(folder), version=None, address=address, source=fetch(address), project=project,
        point=project.entry_point("x.sh"), environment=EnvChoice(manager="uv", strict=True), backend="any",
    )  # fmt: skip
    return Task(client=MlyardClient(), job=job, run_id="r", experiment="0", values=values, folder=folder)


def test_a_task_is_one_variable_without_anything_that_a_scheduler_would_replace(tmp_path: Path) -> None:
    ((name, text),) = handed_over(task(tmp_path, a="$(HOME) $x\n'"), "u", "v").items()
    assert name == "MLYARD_PROJECT_TASK"
    assert "$" not in text
    assert "\n" not in text
    content: dict[str, Any] = json.loads(text)
    assert content["values"] == {"a": "$(HOME) $x\n'"}
    assert (content["uri"], content["version"], content["entry_point"]) == ("u", "v", "x.sh")
    assert (content["environment"]["manager"], content["environment"]["strict"]) == ("uv", True)


def test_parameters_that_do_not_fit_into_a_variable_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match="more than 120000 bytes"):
        handed_over(task(tmp_path, a="x" * 120_000), "u", None)


@pytest.mark.parametrize(
    ("config", "found"),
    [(Waiting(), None), (Waiting(tracking_uri="http://inside:5000"), "http://inside:5000")],
)
def test_the_store_is_named_as_the_job_reaches_it(tmp_path: Path, config: Waiting, found: str | None) -> None:
    variables = tracking_variables(task(tmp_path), config)
    assert variables["MLYARD_TRACKING_URI"] == (found or f"sqlite:///{tmp_path}/mlyard.db")
    assert tracking_variables(task(tmp_path), Waiting(tracking_uri="environment")) == {}


@pytest.mark.parametrize(
    "uri",
    ["sqlite:///a.db", "mlruns", "/data/mlruns", "file:///data", "http://localhost:5000", "http://127.0.1.1:5000",
     "http://[::1]:5000", "postgresql:///db?host=/var/run/postgresql", "postgresql+psycopg://localhost/db"],
)  # fmt: skip
def test_stores_of_this_machine_alone_are_refused(uri: str) -> None:
    with pytest.raises(InvalidParameter, match="can only be reached from this machine"):
        check_tracking(uri, Waiting(), "any")
    check_tracking(uri, Waiting(), "any", is_same_machine=True)
    check_tracking(uri, Waiting(tracking_uri="environment"), "any")


@pytest.mark.parametrize("uri", ["postgresql://u:hidden@db/x", "postgresql://db/x?user=u&password=hidden"])
def test_a_password_is_refused_and_not_shown(uri: str) -> None:
    with pytest.raises(InvalidParameter, match="contains a password") as refused:
        check_tracking(uri, Waiting(), "any")
    assert "hidden" not in refused.value.message


@pytest.mark.parametrize("uri", ["http://server:5000", "https://user@server", "postgresql://u@db/x"])
def test_stores_that_other_machines_reach_are_taken(uri: str) -> None:
    check_tracking(uri, Waiting(), "any")
