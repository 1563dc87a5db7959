"""Environments from a ``uv.lock`` beside a ``pyproject.toml``."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.envs import uv
from mlyard.envs.asked import MLFLOW
from mlyard.envs.changes import Change
from mlyard.envs.install import run
from mlyard.envs.installer import frozen, site_packages

PROJECT_FILE, LOCK_FILE = "pyproject.toml", "uv.lock"
_FILES = (PROJECT_FILE, LOCK_FILE, ".python-version")
_TAIL = 3000


def digest(folder: Path) -> str:
    """A digest of the files that decide what is installed. Raises InvalidParameter when one is missing."""
    for name in (PROJECT_FILE, LOCK_FILE):
        if not (folder / name).is_file():
            raise InvalidParameter(f"The project has no {name}: `uv lock` in {str(folder)!r} writes uv.lock.")
    contents = (folder / name for name in _FILES)
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in contents if file.is_file())).hexdigest()


def make(folder: Path, place: Path, own: Sequence[str], *, with_mlflow: bool) -> tuple[Change, ...]:
    """Install the locked packages and then mlyard. Returns what mlyard has changed.

    The project itself is not installed: its command runs in its folder. Raises InvalidParameter.
    """
    omitted = [] if with_mlflow else [part for name in MLFLOW for part in ("--no-install-package", name)]
    command = [uv.find(), "sync", "--frozen", "--quiet", "--no-install-project", *omitted]
    _run_for(place, command, folder)
    before = _versions(place)
    if own:
        run([uv.find(), "pip", "install", "--quiet", "--python", str(place / "bin" / "python"), *own], place.parent)
    after = _versions(place)
    return tuple(_row(name, version, after.get(name)) for name, version in before.items())


def _run_for(place: Path, command: Sequence[str], folder: Path) -> None:
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(place), "VIRTUAL_ENV": ""}
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise InvalidParameter(f"Cannot create the environment of uv.lock; uv reports: {done.stderr.strip()[-_TAIL:]}")


def _versions(place: Path) -> dict[str, str]:
    return dict(line.split("==", 1) for line in frozen(site_packages(place)))


def _row(name: str, before: str, after: str | None) -> Change:
    got = f"{name}=={after}" if after else None
    why = "" if before == after else "mlyard needs another version"
    return Change(asked=f"{name}=={before}", got=got, why=why, is_exact=not why)
