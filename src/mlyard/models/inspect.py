"""What loading a model would do, told without loading it."""

from __future__ import annotations

from pathlib import Path

from mlyard.models import integrity, safety
from mlyard.models.flavor import Executable
from mlyard.models.folder import ModelFolder
from mlyard.models.loading import fetch


def inspect_model(model_uri: str | Path) -> list[Executable]:
    """The files of a model that run code when it is loaded, and why; an empty list: none does.

    Raises DoesNotExist, InvalidParameter, and DataLoss when the files are not those that were logged.
    """
    folder = ModelFolder(fetch(model_uri))
    integrity.check(folder.path)
    return safety.executables(folder)
