"""The project that every backend runs, unchanged, and the places where it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SOAK, LiveServer
from tests.repositories import Repository, git_server
from tests.system.projects.backends import places
from tests.system.projects.backends.places import Place

PROJECT = {
    "MLproject": """
name: shared
entry_points:
  main: {parameters: {text: string, factor: {type: float, default: 0.5}}, command: "python train.py {text} {factor}"}
  failing: {command: "echo before; exit 3"}
  waiting: {parameters: {ready: string}, command: "python waiting.py {ready}"}
""",
    "train.py": """
import os, sys
import mlyard
assert "MLYARD_PROJECT_TASK" not in os.environ
mlyard.log_text(sys.argv[1], "text.txt")
mlyard.log_metric("rmse", float(sys.argv[2]))
print("trained here")
""",
    "waiting.py": """
import sys, time
from pathlib import Path
ready = Path(sys.argv[1])
ready.touch()
end = time.monotonic() + 1000
while not ready.with_suffix(".go").exists() and time.monotonic() < end:
    time.sleep(0.02)
""",
}
CLUSTERS = ("real_slurm", "on_ray")
clusters = pytest.mark.skipif(not SOAK, reason="needs Ray or Slurm: `make soak` installs them")


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The project's address, which all places can read."""
    folder = tmp_path_factory.mktemp("git")
    Repository(folder / "shared").commit(PROJECT)
    with git_server(folder) as served:
        yield f"{served.url}/shared/.git"


@pytest.fixture
def project(tmp_path: Path) -> str:
    """The project in a folder."""
    folder = tmp_path / "shared"
    folder.mkdir()
    for name, text in PROJECT.items():
        (folder / name).write_text(text)
    return str(folder)


@pytest.fixture(
    scope="module",
    params=[
        "local",
        "slurm",
        "on_kubernetes",
        "plugin",
        *(pytest.param(p, marks=clusters) for p in ("real_slurm", "on_ray")),
    ],
)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: LiveServer
) -> Iterator[Place]:
    """Every backend in turn."""
    with getattr(places, request.param)(tmp_path_factory.mktemp("place"), server.url) as ready:
        yield ready
