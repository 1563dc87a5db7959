"""Creates environments with conda, mamba or micromamba, for models whose conda.yaml lists conda packages."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.envs import python
from mlyard.envs.install import install, run
from mlyard.envs.spec import EnvironmentSpec

_NAMES = ("conda", "mamba", "micromamba")


def build(spec: EnvironmentSpec, place: Path, own: Sequence[str] | None = None) -> None:
    """Create the environment of a spec. ``own``: the arguments that install mlyard. Raises InvalidParameter."""
    conda = find()
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        file = Path(temporary, "conda.yaml")
        file.write_text(yaml.safe_dump(content(spec), sort_keys=False), encoding="utf-8")
        command = ["create", "--yes"] if Path(conda).name == "micromamba" else ["env", "create", "--quiet"]
        run([conda, *command, "--prefix", str(place), "--file", str(file)], place.parent)
    install(spec, [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet"], own)


def content(spec: EnvironmentSpec) -> dict[str, list[str]]:
    """What conda installs: the spec's conda packages, and always Python and pip."""
    names = {package.partition("=")[0].strip() for package in spec.conda_packages}
    added = [f"python={python.version_for(spec.python)}"] if "python" not in names else []
    added += ["pip"] if "pip" not in names else []
    return {"channels": list(spec.conda_channels or ("conda-forge",)), "dependencies": [*spec.conda_packages, *added]}


def find() -> str:
    """The path of the command. Raises InvalidParameter when none is installed."""
    home = settings.CONDA_HOME.get()
    places = [f"{home}/bin/{name}" for name in _NAMES] if home else list(_NAMES)
    for place in places:
        found = shutil.which(place)
        if found:
            return found
    where = f"in {home}/bin (MLYARD_CONDA_HOME)" if home else "on the PATH"
    raise InvalidParameter(
        f"None of {', '.join(_NAMES)} is {where}. Install one, or use --env-manager uv, which installs the "
        "model's requirements from PyPI."
    )
