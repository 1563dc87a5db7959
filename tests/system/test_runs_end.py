"""How a run ends is what happened to its process; where it starts is what its process sees."""

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
