"""Creates environments with Python's own venv and pip."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.envs import python
from mlyard.envs.install import install, run
from mlyard.envs.spec import EnvironmentSpec


def build(spec: EnvironmentSpec, place: Path) -> None:
    """Create the environment of a spec. Raises InvalidParameter when its Python version is not installed."""
    version = python.version_for(spec.python)
    found = interpreter(version)
    if found is None:
        raise InvalidParameter(
            f"The environment needs Python {version}, which is not installed. Install it, or use --env-manager uv."
        )
    run([found, "-m", "venv", str(place)], place.parent)
    installer = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    install(spec, installer)


def interpreter(version: str) -> str | None:
    """The path of a Python of this version; None if it is not installed."""
    return sys.executable if version == python.this() else shutil.which(f"python{version}")
