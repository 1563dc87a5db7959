"""What every backend promises: the same project, unchanged, runs on each, and its run has the same record."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import MlyardError
from tests.conftest import START_SECONDS, LiveServer, until
from tests.system.projects.backends.places import Place

FAILURE = "mlyard.project.failure"
ODD = "two words 'single' \"double\" $HOME $(HOME) `id` %s \\ {brace}\nsecond line\té✓ ; touch here"
HANDLE = """
import json, sys, mlyard
submitted = mlyard.projects.run(synchronous=False, **json.loads(sys.argv[1]))
print(submitted.run_id, flush=True)
if sys.stdin.readline() == "cancel\\n":
    submitted.cancel()
print(json.dumps([submitted.wait(), submitted.get_status()]))
"""


@pytest.fixture(autouse=True)
def _tracking(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)


@pytest.fixture
def last_run(request: pytest.FixtureRequest) -> Callable[[], mlyard.entities.Run]:
    """The only run of the experiment that is named like the test."""

    def found() -> mlyard.entities.Run:
        experiment = mlyard.get_experiment_by_name(request.node.name)
        assert experiment
        (run,) = mlyard.search_runs([experiment.experiment_id], output_format="list")
        return run

    return found


@pytest.fixture
def named(request: pytest.FixtureRequest) -> list[str]:
    return ["--experiment-name", request.node.name]


def text_of(run: mlyard.entities.Run, path: str) -> str:
    return mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/{path}")


def test_a_run_has_its_parameters_output_and_origin(
    place: Place, repository: str, named: list[str], last_run: Callable[[], mlyard.entities.Run]
) -> None:
    done = place.run(repository, "-P", f"text={ODD}", "-P", "more=x", "--run-name", "first", *named)
    assert done.returncode == 0, done.stderr
    run = last_run()
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "first"
    assert run.data.params == {"text": ODD, "factor": "0.5", "more": "x"}
    assert run.data.metrics == {"rmse": 0.5}
    assert text_of(run, "text.txt") == ODD
    assert "trained here\n" in text_of(run, "project/output.log")
    assert "trained here\n" in done.stdout
    if place.backend != "theirs":  # it starts `mlyard run`, which is on the backend local
        assert run.data.tags["mlflow.project.backend"] == place.backend
    assert run.data.tags["mlflow.project.entryPoint"] == "main"
    assert run.data.tags["mlflow.source.name"] == repository
    assert len(run.data.tags["mlflow.source.git.commit"]) == 40
    assert ("mlyard.project.job" in run.data.tags) == (place.backend not in {"local", "theirs"})
    assert FAILURE not in run.data.tags


def test_a_command_that_fails_fails_the_run(
    place: Place, repository: str, named: list[str], last_run: Callable[[], mlyard.entities.Run]
) -> None:
    done = place.run(repository, "-e", "failing", *named)
    assert done.returncode == 1
    run = last_run()
    assert run.info.status == "FAILED"
    assert "exited with status 3" in run.data.tags[FAILURE]
    assert text_of(run, "project/output.log") == "before\n"
    assert f"The run {run.info.run_id} is FAILED" in done.stderr


def handle(place: Place, uri: str, entry_point: str, **parameters: str) -> subprocess.Popen[str]:
    options = {
        "uri": uri, "entry_point": entry_point, "parameters": parameters, "backend": place.backend,
        "backend_config": place.config,
    }  # fmt: skip
    pipe = subprocess.PIPE
    command = [place.python, "-c", HANDLE, json.dumps(options)]
    return subprocess.Popen(command, env=place.environment, stdin=pipe, stdout=pipe, text=True)


def test_a_handle_waits(place: Place, repository: str) -> None:
    with handle(place, repository, "main", text="a") as process:
        output, _ = process.communicate("wait\n", START_SECONDS)
    run_id, *_, result = output.splitlines()
    assert json.loads(result) == [True, "FINISHED"]
    assert mlyard.get_run(run_id).info.status == "FINISHED"


def test_a_handle_cancels(place: Place, repository: str, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with handle(place, repository, "waiting", ready=str(ready)) as process:
        until(ready.exists)
        output, _ = process.communicate("cancel\n", START_SECONDS)
    run_id, *_, result = output.splitlines()
    assert json.loads(result) == [False, "KILLED"]
    run = mlyard.get_run(run_id)
    assert (run.info.status, run.data.tags[FAILURE]) == ("KILLED", "The run was interrupted.")


def test_ctrl_c_ends_the_job(
    place: Place, repository: str, named: list[str], last_run: Callable[[], mlyard.entities.Run], tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    command = place.command(repository, "-e", "waiting", "-P", f"ready={ready}", *named)
    with subprocess.Popen(command, env=place.environment, stderr=subprocess.PIPE, text=True) as process:
        until(ready.exists)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 130, errors
    assert (last_run().info.status, last_run().data.tags[FAILURE]) == ("KILLED", "The run was interrupted.")


def test_a_sweep_has_its_child_runs_there(place: Place, repository: str, named: list[str]) -> None:
    options = ["--sweep", "grid", "--jobs", "2", "--minimize", "rmse", "-P", "factor=0.25,0.75", "-P", "text=a"]
    done = place.run(repository, *options, *named)
    assert done.returncode == 0, done.stderr
    experiment = mlyard.get_experiment_by_name(named[1])
    assert experiment
    runs = mlyard.search_runs([experiment.experiment_id], output_format="list")
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert sorted(run.data.metrics["rmse"] for run in children) == [0.25, 0.75]
    if place.backend != "theirs":
        assert {run.data.tags["mlflow.project.backend"] for run in runs} == {place.backend}
    (parent,) = [run for run in runs if run not in children]
    assert parent.data.metrics == {"rmse": 0.25}


def test_a_run_that_has_failed_can_be_continued(place: Place, repository: str) -> None:
    if place.backend == "theirs":
        pytest.skip("the plugin always creates a run of its own")
    with mlyard.start_run() as run:
        mlyard.set_tag(FAILURE, "The last time.")
    done = place.run(repository, "-P", "text=a", "--run-id", run.info.run_id)
    assert done.returncode == 0, done.stderr
    assert mlyard.get_run(run.info.run_id).data.metrics == {"rmse": 0.5}
    assert mlyard.get_run(run.info.run_id).info.status == "FINISHED"
    assert FAILURE not in mlyard.get_run(run.info.run_id).data.tags


def test_an_invalid_config_starts_no_run(
    place: Place, repository: str, named: list[str], last_run: Callable[[], mlyard.entities.Run]
) -> None:
    if place.backend == "theirs":
        pytest.skip("the plugin takes any config")
    done = place.run(repository, "-P", "text=a", *named, config={"poll-seconds": 1, "no-such-key": 1})
    assert done.returncode == 1
    assert "config" in done.stderr
    with pytest.raises((MlyardError, AssertionError)):
        last_run()
