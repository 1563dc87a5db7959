"""Sweeps: child runs under a parent, how they end, and how they go on."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import DoesNotExist, InvalidParameter, ProjectFailed
from tests.conftest import START_SECONDS, clean_environment, until

TRAIN = """
import sys, mlyard as mlflow
values = dict(zip(sys.argv[1::2], map(float, sys.argv[2::2])))
print(values)
mlflow.log_metric("rmse", abs(values["--alpha"] - 0.4) + values["--l1"])
"""
PARAMETERS = {"alpha": "0.25,0.5,0.75", "l1": "0.1,0.2"}


@pytest.fixture
def project(tmp_path: Path) -> str:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    return str(folder)


def runs() -> tuple[mlyard.entities.Run, list[mlyard.entities.Run]]:
    """The run of the only sweep, and its child runs in the order of their points."""
    found = mlyard.search_runs(output_format="list")
    (parent,) = [run for run in found if "mlyard.sweep" in run.data.tags]
    children = [run for run in found if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(children) == len(found) - 1
    return parent, sorted(children, key=lambda run: (int(run.data.tags["mlyard.sweep.point"]), run.info.start_time))


def test_a_grid_is_a_run_with_a_child_run_for_each_combination(project: str, capfd: pytest.CaptureFixture[str]) -> None:
    done = mlyard.projects.sweep(project, PARAMETERS, jobs=2, minimize="rmse", entry_point="train.py", run_name="all")
    parent, children = runs()
    assert done.run_id == parent.info.run_id
    assert done.run_ids == [run.info.run_id for run in children]
    assert [run.data.params for run in children] == [
        {"alpha": alpha, "l1": l1} for alpha in ("0.25", "0.5", "0.75") for l1 in ("0.1", "0.2")
    ]
    assert {run.info.status for run in (parent, *children)} == {"FINISHED"}
    assert [run.info.run_name for run in children] == [f"all-{number}" for number in range(1, 7)]
    best = mlyard.get_run(done.best_run_id or "")
    assert best.data.params == {"alpha": "0.5", "l1": "0.1"}
    assert parent.data.tags["mlyard.sweep.best"] == best.info.run_id
    assert parent.data.metrics == best.data.metrics
    assert parent.data.params == PARAMETERS
    shown = capfd.readouterr().out.splitlines()
    assert len(shown) == 6
    assert all("FINISHED" in line and "rmse=" in line for line in shown)
    assert "--alpha" in mlyard.artifacts.load_text(f"runs:/{best.info.run_id}/project/output.log")


def test_the_largest_value_is_the_best_if_it_is_maximized(project: str) -> None:
    done = mlyard.projects.sweep(project, PARAMETERS, maximize="rmse", entry_point="train.py")
    assert mlyard.get_run(done.best_run_id or "").data.params == {"alpha": "0.75", "l1": "0.2"}
    assert runs()[0].data.metrics["rmse"] == pytest.approx(0.55)


def test_a_sweep_goes_on_with_the_points_that_failed(project: str) -> None:
    train = Path(project, "train.py")
    train.write_text(TRAIN.replace("mlflow.log_metric", "if values['--alpha'] > 0.5: sys.exit(3)\nmlflow.log_metric"))
    with pytest.raises(ProjectFailed, match="2 of 6 runs of the sweep"):
        mlyard.projects.sweep(project, PARAMETERS, minimize="rmse", entry_point="train.py")
    parent, children = runs()
    assert parent.info.status == "FAILED"
    assert "2 of 6 runs" in parent.data.tags["mlyard.project.failure"]
    assert [run.info.status for run in children] == ["FINISHED"] * 4 + ["FAILED"] * 2
    train.write_text(TRAIN)
    done = mlyard.projects.sweep(project, PARAMETERS, minimize="rmse", entry_point="train.py", resume=True)
    parent, children = runs()
    assert (parent.info.run_id, parent.info.status, len(children)) == (done.run_id, "FINISHED", 8)
    assert len(done.run_ids) == 6
    again = mlyard.projects.sweep(project, PARAMETERS, minimize="rmse", entry_point="train.py", resume=True)
    assert again == done
    assert len(runs()[1]) == 8


@pytest.mark.parametrize("search", ["random:6", "tpe:6"])
def test_random_and_proposed_points(project: str, search: str) -> None:
    space = {"alpha": "0.0..1.0", "l1": "1e-5..1e-1:log"}
    done = mlyard.projects.sweep(project, space, search, jobs=3, minimize="rmse", seed=1, entry_point="train.py")
    parent, children = runs()
    assert (len(done.run_ids), parent.data.tags["mlyard.sweep"], parent.data.tags["mlyard.sweep.seed"]) == (
        6,
        search,
        "1",
    )
    assert all(0 <= float(run.data.params["alpha"]) <= 1 for run in children)
    assert all(1e-5 <= float(run.data.params["l1"]) <= 1e-1 for run in children)
    resumed = mlyard.projects.sweep(project, space, search, minimize="rmse", entry_point="train.py", resume=True)
    assert resumed == done


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_runs_and_the_sweep_can_go_on(project: str, tmp_path: Path, sent: signal.Signals) -> None:
    Path(project, "MLproject").write_text(
        "entry_points: {main: {parameters: {n: int}, command: 'touch started-{n}; [ -e quick ] || sleep 1000'}}"
    )
    arguments = [project, "-P", "n=1,2,3", "--sweep", "grid", "--jobs", "2"]
    command = [sys.executable, "-m", "mlyard", "run", *arguments]
    with subprocess.Popen(command, env=clean_environment(), stderr=subprocess.PIPE, text=True) as process:
        until(lambda: len(list(Path(project).glob("started-*"))) == 2)
        process.send_signal(sent)
        _, printed = process.communicate(timeout=START_SECONDS)
    assert process.returncode == (130 if sent == signal.SIGINT else 128 + sent)
    assert "Traceback" not in printed
    parent, children = runs()
    assert [run.info.status for run in (parent, *children)] == ["KILLED"] * 3
    Path(project, "quick").touch()
    done = subprocess.run([*command, "--resume"], env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "3 runs are FINISHED" in done.stderr
    assert runs()[0].info.status == "FINISHED"


def test_the_table_on_a_terminal_is_drawn_over(project: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mlyard", "run", project, "-e", "train.py", "-P", "alpha=1,2", "-P", "l1=0"]
    with subprocess.Popen([*command, "--sweep", "grid"], env=clean_environment(), stdout=theirs) as process:
        os.close(theirs)
        printed = b""
        try:
            while piece := os.read(ours, 4096):
                printed += piece
        except OSError:  # the other end is closed
            pass
        assert process.wait(START_SECONDS) == 0
    os.close(ours)
    assert b"\x1b[2A" in printed
    assert b"2 of 2 done, 0 running" in printed


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"search": "annealing"}, "use grid, random:N or tpe:N"),
        ({"search": "tpe:3"}, "needs a metric"),
        ({"jobs": 0}, "at least one job"),
        ({"minimize": "a", "maximize": "b"}, "only one of"),
        ({"parameters": {"a": "1..3"}}, "A grid needs a list"),
        ({"parameters": {"a b": "1"}}, "Invalid parameter name"),
        ({"entry_point": "nothing"}, "has no entry point"),
        ({"resume": True}, "no sweep of this project"),
    ],
)
def test_bad_input_starts_no_run(project: str, arguments: dict[str, object], reason: str) -> None:
    given: dict[str, object] = {"parameters": PARAMETERS, "entry_point": "train.py", **arguments}
    with pytest.raises((InvalidParameter, DoesNotExist), match=reason):
        mlyard.projects.sweep(project, **given)  # type: ignore[arg-type]
    assert mlyard.search_runs(output_format="list") == []


@pytest.mark.parametrize("options", [["--jobs", "2"], ["--resume"], ["--sweep", "grid", "--run-id", "f" * 32]])
def test_options_that_do_not_go_together(project: str, options: list[str]) -> None:
    command = [sys.executable, "-m", "mlyard", "run", project, "-e", "train.py", *options]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--sweep" in done.stderr or "omit --run-id" in done.stderr
