"""Creates environments with uv, which also installs the Python version if necessary."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.envs import python
from mlyard.envs.install import install, run
from mlyard.envs.spec import EnvironmentSpec


def build(spec: EnvironmentSpec, place: Path) -> None:
    """Create the environment of a spec. Raises InvalidParameter."""
    uv = find()
    version = python.version_for(spec.python)
    interpreter = sys.executable if version == python.this() else version
    run([uv, "venv", "--quiet", "--python", interpreter, str(place)], place.parent)
    install(spec, [uv, "pip", "install", "--quiet", "--python", str(place / "bin" / "python")])


def interpreter(version: str, *, download: bool) -> str | None:
    """The path of a Python of this version; None if uv finds none. ``download``: also look for it on the network."""
    if version == python.this():
        return sys.executable
    if not download:
        return _answer("python", "find", "--no-python-downloads", version)
    # One try: without a network, there are other versions to fall back on.
    if _answer("python", "install", version, UV_HTTP_RETRIES="0") is None:
        return None
    return _answer("python", "find", "--managed-python", version)


def _answer(*arguments: str, **variables: str) -> str | None:
    """What uv prints; None when it fails."""
    command = [find(), *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    return None if done.returncode else done.stdout.strip()


def find() -> str:
    """The path of the command. Raises InvalidParameter when it is not installed."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None and importlib.util.find_spec("uv"):
        from uv import find_uv_bin  # type: ignore[import-not-found, unused-ignore]

        found = str(find_uv_bin())
    if found is None:
        raise InvalidParameter(
            "uv is needed to create the environment, and is not installed. Install it with: pip install uv. Or "
            "choose another --env-manager: virtualenv, conda, or local to use the current environment."
        )
    return found
