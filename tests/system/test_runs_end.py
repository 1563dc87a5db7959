"""How a run ends is what happened to its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mlyard
from tests.conftest import clean_environment


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("mlyard.start_run()", "FINISHED"),
        ("with mlyard.start_run(): pass", "FINISHED"),
        ("with mlyard.start_run(): raise ValueError", "FAILED"),
        ("mlyard.start_run(); raise ValueError", "FAILED"),
        ("with mlyard.start_run(): raise KeyboardInterrupt", "KILLED"),
        ("with mlyard.start_run(): import sys; sys.exit(1)", "FAILED"),
        ("mlyard.start_run(); mlyard.end_run('KILLED')", "KILLED"),
    ],
)
def test_status(tmp_path: Path, code: str, status: str) -> None:
    command = [sys.executable, "-c", f"import mlyard\n{code}"]
    subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, check=False)
    runs = mlyard.search_runs(["0"], output_format="list")
    assert [run.info.status for run in runs] == [status]  # type: ignore[union-attr]  # a list was asked for
