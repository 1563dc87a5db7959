"""Creates environments with uv, which also installs the Python version if necessary."""

from __future__ import annotations

import importlib.util
import shutil
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


def find() -> str:
    """The path of the command. Raises InvalidParameter when it is not installed."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None and importlib.util.find_spec("uv"):
        from uv import find_uv_bin  # type: ignore[import-not-found, unused-ignore]

        found = str(find_uv_bin())
    if found is None:
        raise InvalidParameter(
            "uv is needed to create the model's environment, and is not installed. Install it with: pip install uv. Or "
            "choose another --env-manager: virtualenv, conda, or local to use the current environment."
        )
    return found
