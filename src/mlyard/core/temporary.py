"""Temporary folders that last as long as the process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path


def temporary_folder() -> Path:
    """A new, empty folder that is removed when this process ends.

    For copies that code may go on reading for as long as it runs, such as the files of a loaded model.
    """
    folder = Path(tempfile.mkdtemp(prefix="mlyard-"))
    atexit.register(partial(_remove, folder, os.getpid()))
    return folder


def _remove(folder: Path, owner: int) -> None:
    # A forked child inherits what is registered here, but not the folder: its parent may still read it.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
