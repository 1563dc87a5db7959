"""The oldest Python that the package supports: the same in every place, and all requirements have versions for it."""

from __future__ import annotations

import subprocess
import tomllib

from mlyard.envs import python, uv
from tests.conftest import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
OLDEST = SETTINGS["project"]["requires-python"].removeprefix(">=")


def test_every_place_names_the_same_version() -> None:
    minor = OLDEST.partition(".")[2]
    assert python.OLDEST == SETTINGS["tool"]["mypy"]["python_version"] == OLDEST
    assert SETTINGS["tool"]["ruff"]["target-version"] == f"py3{minor}"
    assert f"(3, {minor})" in (ROOT / "tools" / "venv").read_text()


def test_all_requirements_have_versions_for_it() -> None:
    command = [uv.find(), "pip", "compile", "--quiet", "--python-version", OLDEST, "--extra", "all", "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
