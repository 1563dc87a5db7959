"""Backends of other packages: those that were written for MLflow, and what a broken one does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import MlyardError
from tests.conftest import LiveServer
from tests.system.projects.backends import places
from tests.system.projects.backends.places import Place, run_of


@pytest.fixture
def place(tmp_path: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    with places.plugin(tmp_path, server.url) as ready:
        yield ready


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "unknown",
            "Unknown backend 'unknown'. Installed backends: broken, failing, kubernetes, local, losing",
        ),
        ("broken", "The backend 'broken' cannot be loaded: 'their_backend:missing', of the package 'their-backend'"),
        ("failing", "The backend 'failing' cannot run the project: ZeroDivisionError"),
        ("nothing", "The backend 'nothing' has returned no run with an id, but None."),
    ],
)
def test_a_backend_that_does_not_work_is_named(place: Place, project: str, name: str, message: str) -> None:
    done = Place(name, {}, place.environment).run(project, "-P", "text=a")
    assert done.returncode == 1
    assert message in done.stderr


def test_a_package_adds_a_backend_of_ours(place: Place, project: str) -> None:
    done = Place("own", {"room": 7}, place.environment).run(project, "-P", "text=a")
    assert done.returncode == 0, done.stderr
    assert run_of(done.stderr).data.tags["mlflow.project.backend"] == "own"


def test_a_broken_package_does_not_keep_our_own_from_working(place: Place, project: str) -> None:
    done = Place("local", {}, place.environment).run(project, "-P", "text=a")
    assert done.returncode == 0, done.stderr


def test_a_package_cannot_take_the_name_of_our_own(place: Place, project: str) -> None:
    done = Place("slurm", {"no-such-key": 1}, place.environment).run(project, "-P", "text=a")
    assert "Invalid config of the backend 'slurm'" in done.stderr


def test_the_run_that_a_plugin_creates_gets_what_other_runs_have(place: Place, project: str) -> None:
    done = Place("plain", {}, place.environment).run(project, "-P", "text=a", "--run-name", "mine")
    assert done.returncode == 0, done.stderr
    run = run_of(done.stderr)
    assert (run.info.run_name, run.data.params) == ("mine", {"text": "a", "factor": "0.5"})
    assert run.data.tags["mlflow.project.backend"] == "plain"


def test_a_plugin_that_loses_its_run_fails_it(place: Place, project: str) -> None:
    done = Place("losing", {}, place.environment).run(project, "-P", "text=a")
    assert done.returncode == 1
    reason = "The run cannot be followed any longer: RuntimeError('no answer')"
    assert run_of(done.stderr).data.tags["mlyard.project.failure"] == reason


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("no-such-file.json", "The backend config 'no-such-file.json' cannot be read: [Errno 2] No such file"),
        ('{"room": ', "The backend config is not valid JSON: Expecting value: line 1 column 10"),
        ("list.yaml", "The backend config 'list.yaml' must be a YAML mapping"),
        ("broken.yaml", "The backend config 'broken.yaml' cannot be read: while parsing"),
    ],
)
def test_a_config_that_cannot_be_read_is_explained(project: str, config: str, message: str) -> None:
    Path("list.yaml").write_text("- a\n")
    Path("broken.yaml").write_text("a: 1\nb: [\n")
    with pytest.raises(MlyardError, match=re.escape(message)):
        mlyard.projects.run(project, parameters={"text": "a"}, backend="slurm", backend_config=config)


def test_a_config_can_be_a_file(place: Place, project: str) -> None:
    Path("config.yaml").write_text("room: 7\n")
    command = [*place.command(project, "-P", "text=a")]
    command[command.index("--backend-config") + 1] = "config.yaml"
    done = place.started(command)
    assert done.returncode == 0, done.stderr
