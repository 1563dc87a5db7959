"""How a run ends is what happened to its process; where it starts is what its process sees."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
from mlyard import MlyardClient
from tests.conftest import START_SECONDS, clean_environment

START = "import os, signal, sys, threading, mlyard\n"
SIGNALLED = "os.kill(os.getpid(), signal.{0})"


def ended(code: str, folder: Path) -> tuple[int, list[str]]:
    """The exit status of a program, and the statuses of the runs that it has started."""
    done = subprocess.run(
        [sys.executable, "-c", START + code],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        check=False,
        timeout=START_SECONDS,
    )
    runs = mlyard.search_runs(["0"], output_format="list")
    return done.returncode, [run.info.status for run in runs]  # type: ignore[union-attr]  # a list was asked for


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("mlyard.start_run()", "FINISHED"),
        ("with mlyard.start_run(): pass", "FINISHED"),
        ("with mlyard.start_run(): raise ValueError", "FAILED"),
        ("mlyard.start_run(); raise ValueError", "FAILED"),
        ("with mlyard.start_run(): raise KeyboardInterrupt", "KILLED"),
        ("mlyard.start_run(); raise KeyboardInterrupt", "KILLED"),
        ("mlyard.start_run(); sys.excepthook = print; raise ValueError", "FAILED"),
        ("mlyard.start_run(); mlyard.end_run('KILLED')", "KILLED"),
        *[
            (f"{block} {leave}", status)
            for block in ("mlyard.start_run();", "with mlyard.start_run():")
            for leave, status in [
                ("sys.exit()", "FINISHED"),
                ("sys.exit(0)", "FINISHED"),
                ("sys.exit(1)", "FAILED"),
                ("sys.exit('no data')", "FAILED"),
                ("exit(1)", "FAILED"),
            ]
        ],
        ("mlyard.start_run()\ntry: sys.exit(1)\nexcept SystemExit: pass", "FINISHED"),
        ("import argparse; mlyard.start_run(); argparse.ArgumentParser().error('no')", "FAILED"),
        ("t = threading.Thread(target=lambda: (mlyard.start_run(), 1 / 0)); t.start(); t.join()", "FAILED"),
        ("t = threading.Thread(target=lambda: (mlyard.start_run(), sys.exit(0))); t.start(); t.join()", "FINISHED"),
        ("mlyard.start_run(); t = threading.Thread(target=lambda: sys.exit(1)); t.start(); t.join()", "FINISHED"),
        ("mlyard.start_run(); child = os.fork() or sys.exit(1); os.waitpid(child, 0)", "FINISHED"),
        (
            "import asyncio\nasync def work():\n mlyard.start_run(); sys.exit(1)\nasyncio.run(work())",
            "FAILED",
        ),
    ],
)
def test_status(tmp_path: Path, code: str, status: str) -> None:
    assert ended(code, tmp_path)[1] == [status]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_dies_of_its_signal_and_its_runs_are_killed(tmp_path: Path, number: signal.Signals) -> None:
    code = f"mlyard.start_run(); mlyard.start_run(nested=True); {SIGNALLED.format(number.name)}"
    assert ended(code, tmp_path) == (-number, ["KILLED", "KILLED"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("{set}; mlyard.start_run(); {send}", (3, ["FAILED"])),
        ("mlyard.start_run(); {set}; {send}", (3, ["FAILED"])),
        ("t = threading.Thread(target=mlyard.start_run); t.start(); t.join(); {set}; {send}", (3, ["FAILED"])),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN); mlyard.start_run(); {send}", (0, ["FINISHED"])),
        ("mlyard.start_run(); signal.signal(signal.SIGTERM, signal.SIG_IGN); {send}", (0, ["FINISHED"])),
    ],
)
def test_the_handlers_of_a_program_stay(tmp_path: Path, code: str, expected: tuple[int, list[str]]) -> None:
    own = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))"
    assert ended(code.format(set=own, send=SIGNALLED.format("SIGTERM")), tmp_path) == expected


def test_nothing_is_installed_before_a_run_starts(tmp_path: Path) -> None:
    code = """
def installed():
    return [sys.exit, sys.excepthook, threading.excepthook, *map(signal.getsignal, signal.valid_signals())]
before = installed()
import importlib
importlib.import_module("mlyard.client.active")
assert installed() == before == [sys.exit, sys.__excepthook__, threading.__excepthook__, *before[3:]]
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
"""
    assert ended(code, tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("sys.exit(1)", "FAILED"),
        ("for step in range(10**6): mlyard.log_metric('x', 1, step=step); step == 20 and {send}", "KILLED"),
    ],
)
def test_status_in_each_store(tracking: str, tmp_path: Path, code: str, status: str) -> None:
    send = "threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGTERM)).start()"
    program = f"print(mlyard.start_run().info.run_id, flush=True)\n{code.format(send=send)}"
    done = subprocess.run(
        [sys.executable, "-c", START + program],
        cwd=tmp_path,
        env=clean_environment(MLYARD_TRACKING_URI=tracking),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    assert MlyardClient(tracking).get_run(done.stdout.strip()).info.status == status


def test_a_child_that_is_told_to_end_ends_and_leaves_its_parents_run(tmp_path: Path) -> None:
    """Also if it has hardly begun, or is in the middle of a call of C code."""
    code = """
import multiprocessing
mlyard.start_run()
for _ in range(20):
    child = multiprocessing.get_context("fork").Process(target=signal.pause)
    child.start()
    child.terminate()
    child.join()
    assert child.exitcode == -signal.SIGTERM, child.exitcode
mlyard.log_param("goes on", True)
"""
    assert ended(code, tmp_path) == (0, ["FINISHED"])


def test_a_branch_has_any_name_in_any_locale(tmp_path: Path) -> None:
    heads = tmp_path / ".git" / "refs" / "heads"
    heads.mkdir(parents=True)
    (heads.parent.parent / "HEAD").write_text("ref: refs/heads/zürich\n", encoding="utf-8")
    (heads / "zürich").write_text(f"{'a' * 40}\n", encoding="utf-8")
    ascii_only = clean_environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    program = "import mlyard, sys; assert sys.getfilesystemencoding() == 'ascii'; mlyard.start_run()"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=ascii_only, check=True)
    (run,) = mlyard.search_runs(["0"], output_format="list")
    assert run.data.tags["mlflow.source.git.commit"] == "a" * 40  # type: ignore[union-attr]  # a list was asked for
