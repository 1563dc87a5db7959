"""A model's own code: copied into its folder when it is saved, and importable when it is loaded."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from mlyard.core.errors import InvalidParameter
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.own_modules import OwnModules

FOLDER = "code"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", "MLmodel")


def copy_code(paths: Sequence[str | Path] | str | Path | None, folder: Path) -> str | None:
    """Copy files and folders to ``code/``.

    Returns the folder's name, or None if nothing was copied. Raises InvalidParameter for a path that does not exist.
    """
    if paths is None:
        return None
    if isinstance(paths, (str, Path)):
        raise InvalidParameter(f"'code_paths' must be a list of paths, not {paths!r}.")
    target = folder / FOLDER
    for path in map(Path, paths):
        place = target / path.resolve().name
        if path.is_dir():
            shutil.copytree(path, place, ignore=_IGNORED, dirs_exist_ok=True)
        elif path.is_file():
            target.mkdir(exist_ok=True)
            shutil.copy2(path, place)
        else:
            raise InvalidParameter(f"There is no file or folder at the code path {str(path)!r}.")
    return FOLDER if target.exists() else None


def folder_of(folder: ModelFolder, flavor: str) -> Path | None:
    """The folder with a flavor's code; None if it has none."""
    name = folder.entry(flavor).get("code")
    return folder.file(name) if name else None


def make_importable(folder: ModelFolder, flavor: str) -> None:
    """Put a model's code first on ``sys.path``, and let the model import its own modules (``folder.modules``)."""
    path = folder_of(folder, flavor)
    if path is None:
        return
    sys.path[:] = [str(path), *(each for each in sys.path if each != str(path))]
    folder.modules = OwnModules(path)
    with folder.modules.imported():
        pass  # from now on, what imports without asking the model finds the modules of the newest one
