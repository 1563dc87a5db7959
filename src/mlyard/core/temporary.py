"""Temporary folders that last as long as the process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from mlyard.core import forks

_folders: list[Path] = []
# A forked child does not remove its parent's folders: the parent may still read them.
forks.in_child(_folders.clear)


def temporary_folder() -> Path:
    """A new, empty folder that is removed when this process ends.

    For copies that code may go on reading for as long as it runs, such as the files of a loaded model.
    """
    folder = Path(tempfile.mkdtemp(prefix="mlyard-"))
    _folders.append(folder)
    return folder


@atexit.register
def _remove_all() -> None:
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
