"""The backend slurm, with a stand-in for Slurm's commands: what is submitted, and how a job can end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import mlyard
from mlyard.projects.backends.handover import RemoteTask
from mlyard.projects.environment import EnvChoice
from tests.conftest import START_SECONDS, LiveServer, until
from tests.system.projects.backends import places
from tests.system.projects.backends.places import Place, run_of

FAILURE, JOB = "mlyard.project.failure", "mlyard.project.job"
ENDINGS = [
    ("NODE_FAIL|None", "FAILED", "Slurm ended the job 1: it is NODE_FAIL."),
    ("OUT_OF_MEMORY|OutOfMemory", "FAILED", "Slurm ended the job 1: it is OUT_OF_MEMORY (OutOfMemory)."),
    ("ACCOUNTED|TIMEOUT", "KILLED", "Slurm ended the job 1: it is TIMEOUT."),
    ("PREEMPTED|None", "KILLED", "Slurm ended the job 1: it is PREEMPTED."),
    ("CANCELLED by 1000|None", "KILLED", "Slurm ended the job 1: it is CANCELLED."),
    ("FAILED|NonZeroExitCode", "FAILED", "The job 1 is FAILED (NonZeroExitCode)."),
    ("", "FAILED", "The job 1 has disappeared."),
    ("BROKEN", "FAILED", "The state of the job 1 has been unknown for"),
]


@pytest.fixture
def place(tmp_path: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    with places.slurm(tmp_path, server.url) as ready:
        yield ready


def states_of(place: Place) -> Path:
    assert place.states
    return place.states


@pytest.mark.parametrize(("state", "status", "reason"), ENDINGS)
def test_a_run_ends_as_slurm_says(place: Place, project: str, state: str, status: str, reason: str) -> None:
    config = {"partition": "full", "patience-seconds": 0.5}
    command = place.command(project, "-P", "text=a", config=config)
    with subprocess.Popen(command, env=place.environment, stderr=subprocess.PIPE, text=True) as process:
        until((states_of(place) / "1").exists)
        replacement = states_of(place) / "new"
        replacement.write_text(state)
        replacement.rename(states_of(place) / "1")
        _, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    run = run_of(errors)
    assert (run.info.status, run.data.tags[JOB]) == (status, "1")
    assert run.data.tags[FAILURE].startswith(reason)


def test_a_job_goes_on_if_this_machine_dies(place: Place, project: str, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = place.command(project, "-e", "waiting", "-P", f"ready={ready}", "--experiment-name", "alone")
    with subprocess.Popen(command, env=place.environment) as process:
        until(ready.exists)
        process.kill()
    experiment = mlyard.get_experiment_by_name("alone")
    assert experiment
    (run,) = mlyard.search_runs([experiment.experiment_id], output_format="list")
    assert run.info.status == "RUNNING"
    ready.with_suffix(".go").touch()
    until(lambda: mlyard.get_run(run.info.run_id).info.status == "FINISHED")


def test_a_job_that_does_not_start_in_time_is_cancelled(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", config={"partition": "full", "start-seconds": 0.3})
    assert done.returncode == 1
    assert "Job 1: PENDING (Resources)" in done.stderr
    assert run_of(done.stderr).data.tags[FAILURE] == (
        "The job 1 has not started within 0.3 seconds: it is PENDING (Resources)."
    )
    assert (states_of(place) / "1").read_text().startswith("CANCELLED")


def test_a_job_that_slurm_refuses_fails_the_run(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", "--experiment-name", "refused", config={"partition": "closed"})
    assert done.returncode == 1
    assert "Requested partition is in an inactive state" in done.stderr
    experiment = mlyard.get_experiment_by_name("refused")
    assert experiment
    (run,) = mlyard.search_runs([experiment.experiment_id], output_format="list")
    assert run.info.status == "FAILED"
    assert "inactive state" in run.data.tags[FAILURE]


def test_options_are_those_of_sbatch(place: Place, project: str) -> None:
    config = {
        "partition": "gpu", "time": "2:00:00", "gpus": 1, "mem": "16G", "options": {"exclusive": True, "qos": "low"},
        "lines": ["export FROM_LINE='a b'", 'echo "line: $FROM_LINE"'],
    }  # fmt: skip
    done = place.run(project, "-P", "text=a", config=config)
    assert done.returncode == 0, done.stderr
    options = (states_of(place) / "1.options").read_text().splitlines()
    assert {"partition=gpu", "time=2:00:00", "gpus=1", "mem=16G", "exclusive=", "qos=low", "no-requeue="} <= {*options}
    assert "line: a b" in done.stdout


def test_the_script_and_the_options_hold_no_value_and_no_secret(place: Place, project: str) -> None:
    secrets = {"MLYARD_TRACKING_TOKEN": "hidden-token", "AWS_SECRET_ACCESS_KEY": "hidden-key"}
    done = place.run(project, "-P", "text=hidden text; $(touch x)", **secrets)
    assert done.returncode == 0, done.stderr
    written = "".join((states_of(place) / name).read_text() for name in ("1.sh", "1.options"))
    assert "hidden" not in written
    assert place.environment["MLYARD_TRACKING_URI"] not in written


def test_the_log_of_a_job_is_removed(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a")
    assert done.returncode == 0, done.stderr
    cache = Path(place.environment["HOME"], ".mlyard/projects")
    assert list(cache.joinpath("jobs").iterdir()) == []
    assert [folder.stat().st_mode & 0o777 for folder in (cache, cache / "jobs")] == [0o700, 0o700]


def test_what_a_job_prints_before_the_run_goes_on_is_kept(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", config={"lines": ["echo no such module >&2", "exit 4"]})
    assert done.returncode == 1
    run = run_of(done.stderr)
    assert run.data.tags[FAILURE] == "The job 1 is FAILED (NonZeroExitCode)."
    assert mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/project/job.log") == "no such module\n"


def test_without_slurm_no_run_starts(place: Place, project: str) -> None:
    done = place.run(project, "-P", "text=a", PATH="/nowhere")
    assert done.returncode == 1
    assert "The command 'sbatch' is not installed" in done.stderr


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"memory": "1G"}, "unknown field `memory`"),
        ({"gpus": [1]}, "got `array` - at `$.gpus`"),
        ({"options": {"--wrap": "id"}}, "Invalid option '--wrap' of sbatch"),
        ({"poll-seconds": 0}, "Expected `float` > 0"),
    ],
)
def test_an_invalid_config_is_explained(place: Place, project: str, config: dict[str, object], message: str) -> None:
    done = place.run(project, "-P", "text=a", config=config)
    assert done.returncode == 1
    assert message in done.stderr
    assert list(states_of(place).iterdir()) == []


def test_a_run_that_was_ended_while_its_job_waited_is_not_continued(place: Place, project: str) -> None:
    with mlyard.start_run() as run:
        mlyard.set_tag(FAILURE, "The run was interrupted.")
    mlyard.MlflowClient().set_terminated(run.info.run_id, "KILLED")
    task = RemoteTask(
        run_id=run.info.run_id, uri=project, version=None, entry_point="main", values={"text": "a"},
        environment=EnvChoice(),
    )  # fmt: skip
    environment = place.environment | {"MLYARD_PROJECT_TASK": msgspec.json.encode(task).decode()}
    done = subprocess.run(
        [place.python, "-m", "mlyard", "run-task"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"The run {run.info.run_id} is KILLED, so it is not continued." in done.stderr
    assert mlyard.get_run(run.info.run_id).data.params == {}
