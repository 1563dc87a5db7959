"""Whole files and folders, between this machine and an artifact store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlyard.artifacts.local import LocalArtifactStore
from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import DoesNotExist, InvalidParameter, TemporarilyUnavailable
from mlyard.ports.artifacts import ArtifactStore


def upload(store: ArtifactStore, local: Path, folder: str = "") -> None:
    """Put a file, or what is in a folder, below ``folder``. Links out of a folder are not followed."""
    if local.is_dir():
        for file in _files(local):
            _put(store, file, _joined(folder, file.relative_to(local).as_posix()))
    elif local.is_file():
        _put(store, local, _joined(folder, local.name))
    else:
        raise InvalidParameter(f"There is no file or folder at {str(local)!r} to log.")


def download(store: ArtifactStore, path: str, destination: Path) -> Path:
    """Bring a file or a folder below ``destination``; its place there. Raises DoesNotExist."""
    target = destination / path
    if not store.list(path):
        if not path:
            raise DoesNotExist("There are no artifacts here.")
        return _fetch(store, check_file_path(path), target)
    target.mkdir(parents=True, exist_ok=True)
    for file in _walk(store, path):
        _fetch(store, file, destination / file)
    return target


def _walk(store: ArtifactStore, path: str) -> Iterator[str]:
    for info in store.list(path):
        plain = check_file_path(info.path)
        if info.is_dir:
            yield from _walk(store, plain)
        else:
            yield plain


def _fetch(store: ArtifactStore, path: str, target: Path) -> Path:
    """The file appears under its name only when all of it has arrived."""
    with store.open(path) as artifact:
        LocalArtifactStore(target.parent).put(target.name, _whole(artifact.chunks, artifact.size, path))
    return target


def _whole(chunks: Iterable[bytes], size: int | None, path: str) -> Iterator[bytes]:
    """The chunks; raises at the end when they are not as many bytes as announced."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        yield chunk
    if size is not None and total != size:
        raise TemporarilyUnavailable(f"The download of {path!r} ended after {total} of {size} bytes. Try again.")


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(parent, name)
            if file.resolve().is_relative_to(root):
                yield file


def _put(store: ArtifactStore, file: Path, path: str) -> None:
    store.put(path, file)


def _joined(folder: str, path: str) -> str:
    return "/".join(part for part in (folder.strip("/"), path) if part)
