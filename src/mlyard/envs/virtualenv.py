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
    run([_interpreter(python.version_for(spec.python)), "-m", "venv", str(place)], place.parent)
    installer = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    install(spec, installer)


def _interpreter(version: str) -> str:
    if version == python.this():
        return sys.executable
    found = shutil.which(f"python{version}")
    if found is None:
        raise InvalidParameter(
            f"The environment needs Python {version}, which is not installed. Install it, or use --env-manager uv."
        )
    return found
