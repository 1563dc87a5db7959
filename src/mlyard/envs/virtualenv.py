"""Creates environments with Python's own venv and pip."""

from __future__ import annotations

import shutil
import subprocess
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
    if version == python.this():
        return sys.executable
    found = shutil.which(f"python{version}")
    return found if found and _runs(found, version) else None


def _runs(found: str, version: str) -> bool:
    """Whether a command is that Python. Version managers have commands of versions that are not active."""
    ask = [found, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
    done = subprocess.run(ask, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own arguments
    return done.stdout.strip() == version
