"""Checks a model's files against the manifest that was written when they were logged."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mlyard.artifacts import manifest
from mlyard.artifacts.local import LocalArtifactStore
from mlyard.core import settings
from mlyard.core.errors import DataLoss

_CHUNK = 1 << 20


def check(folder: Path) -> None:
    """Raises DataLoss if a file of the folder has changed since it was logged, or is missing.

    The manifest lies at the root of the artifacts: the folder or one of its parents. Without one, nothing is checked.
    """
    if not settings.VERIFY_ARTIFACTS.get():
        return
    root = root_of(folder)
    if root is not None:
        _check_below(root, folder)


def root_of(folder: Path) -> Path | None:
    """The folder, or the nearest of its parents, that contains a manifest; None if there is none."""
    return next((root for root in (folder, *folder.parents) if (root / manifest.FOLDER).is_dir()), None)


def _check_below(root: Path, folder: Path) -> None:
    for entry in manifest.read(LocalArtifactStore(root)).values():
        file = root / entry.path
        if not file.is_relative_to(folder):
            continue
        found = _sha256(file) if file.is_file() else "gone"
        if found != entry.sha256:
            raise DataLoss(
                f"The model's file {str(file)!r} is not what was logged: its SHA-256 is {found}, but "
                f"{entry.sha256} was recorded. If it was changed on purpose, set MLYARD_VERIFY_ARTIFACTS=0."
            )


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
