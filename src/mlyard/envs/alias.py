"""The alias distribution ``mlflow``, which makes ``import mlflow`` mean mlyard.

It is a tiny package with metadata, so that libraries that ask for the installed version of MLflow find it too. A
process uses it by a variable (``variables``); an environment has it for all processes (``install``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.core.version import MLFLOW_VERSION, __version__

_FOLDER = Path(__file__).parent / "alias_packages"
_NAMES = ("mlflow", "mlflow-skinny")
_OURS = "mlyard"


def variables(given: Mapping[str, str]) -> dict[str, str]:
    """Environment variables with which a process of an environment that has mlyard finds the alias first."""
    others = without(given)
    before = others.get("PYTHONPATH")
    return {**others, "PYTHONPATH": os.pathsep.join([str(_FOLDER), *([before] if before else [])])}


def without(given: Mapping[str, str]) -> dict[str, str]:
    """Environment variables that no longer name the alias."""
    kept = [part for part in given.get("PYTHONPATH", "").split(os.pathsep) if part and part != str(_FOLDER)]
    others = {name: value for name, value in given.items() if name != "PYTHONPATH"}
    return {**others, "PYTHONPATH": os.pathsep.join(kept)} if kept else others


def install(site: Path) -> None:
    """Install the alias into a folder of packages. Raises InvalidParameter when MLflow is there."""
    for found in _found(site):
        if not _is_ours(found):
            name, version = found.metadata["Name"], found.version
            raise InvalidParameter(
                f"{name} {version} is installed in {str(site)!r}. Uninstall it before installing the alias: "
                f"pip uninstall {name}. Or run single scripts with: mlyard python script.py"
            )
    if (site / "mlflow").exists() and not _found(site):
        raise InvalidParameter(f"{str(site / 'mlflow')!r} exists and is not the alias: remove it first.")
    remove(site)
    for folder in _FOLDER.iterdir():
        shutil.copytree(folder, site / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    _write_record(site)


def remove(site: Path) -> bool:
    """Remove the alias from a folder of packages. False: it is not there."""
    ours = [found for found in _found(site) if _is_ours(found)]
    for found in ours:
        shutil.rmtree(site / "mlflow", ignore_errors=True)
        shutil.rmtree(site / f"mlflow-{found.version}.dist-info")
    return bool(ours)


def description() -> str:
    """What the alias stands for, for lists of packages."""
    return f"mlyard {__version__}, as mlflow {MLFLOW_VERSION}"


def _found(site: Path) -> list[Distribution]:
    return [found for name in _NAMES for found in distributions(name=name, path=[str(site)])]


def _is_ours(found: Distribution) -> bool:
    return (found.read_text("INSTALLER") or "").strip() == _OURS


def _write_record(site: Path) -> None:
    """The list of files, by which pip and uv uninstall the alias."""
    folder = site / f"mlflow-{MLFLOW_VERSION}.dist-info"
    files = [*(site / "mlflow").glob("*.py"), *folder.iterdir(), folder / "RECORD"]
    lines = "".join(f"{file.relative_to(site).as_posix()},,\n" for file in files)
    (folder / "RECORD").write_text(lines, encoding="utf-8")
