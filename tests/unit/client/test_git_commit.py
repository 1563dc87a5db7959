"""The commit in a run's tags is the one that git names, however git stores it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import mlyard


def git(folder: Path, *arguments: str) -> str:
    options = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *options, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    git(folder, "commit", "--allow-empty", "-m", "first")
    return folder


def tagged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str | None:
    monkeypatch.chdir(folder)
    with mlyard.start_run() as run:
        return run.data.tags.get("mlflow.source.git.commit")


def test_a_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "below").mkdir()
    assert tagged(repository / "below", monkeypatch) == git(repository, "rev-parse", "HEAD")


def test_packed_refs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "branch", "other")
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git/refs/heads/main").exists()
    assert tagged(repository, monkeypatch) == git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--allow-empty", "-m", "second")
    assert tagged(repository, monkeypatch) == git(repository, "rev-parse", "HEAD")


def test_a_detached_head(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "checkout", "--detach")
    assert tagged(repository, monkeypatch) == git(repository, "rev-parse", "HEAD")


@pytest.mark.parametrize("packed", [False, True])
def test_a_worktree(repository: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    worktree = repository.parent / "worktree"
    git(repository, "worktree", "add", "-b", "side", str(worktree))
    git(worktree, "commit", "--allow-empty", "-m", "aside")
    if packed:
        git(repository, "pack-refs", "--all")
    assert tagged(worktree, monkeypatch) == git(worktree, "rev-parse", "HEAD") != git(repository, "rev-parse", "HEAD")


def test_a_repository_without_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init")
    assert tagged(tmp_path, monkeypatch) is None
