"""Artifacts in a local folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.domain.artifacts import RESERVED, FileInfo
from mlyard.ports.artifacts import Content, DirectAccess, OpenArtifact

CHUNK = 1024 * 1024
_PARTIAL = ".mlyard-partial-"


class LocalArtifactStore:
    """ports.ArtifactStore below ``root``, which is made when the first file is put.

    Links that lead out of the root are refused. A file is written beside its place, synced to disk
    and then renamed, so it appears whole or not at all.
    """

    direct: DirectAccess | None = None

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        """``durable``: a file that was put survives a power cut."""
        self._root = Path(root).resolve()
        self._durable = durable

    def list(self, path: str = "") -> list[FileInfo]:
        """See ports.ArtifactStore."""
        folder = self._locate(check_path(path))
        if not folder.is_dir():
            return []
        shown = (entry for entry in sorted(os.scandir(folder), key=lambda e: e.name) if self._is_shown(entry))
        return [_info(f"{path}/{entry.name}" if path else entry.name, entry) for entry in shown]

    @contextmanager
    def open(self, path: str, start: int = 0, stop: int | None = None) -> Iterator[OpenArtifact]:
        """See ports.ArtifactStore."""
        file = self._locate(check_file_path(path))
        try:
            stream = file.open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise DoesNotExist(f"There is no artifact {path!r}.") from None
        with stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(start)
            yield OpenArtifact(size, _chunks(stream, (size if stop is None else stop) - start))

    def put(self, path: str, content: Content) -> None:
        """See ports.ArtifactStore."""
        file = self._locate(check_file_path(path))
        if file.is_dir():
            raise InvalidParameter(f"There is a folder at {path!r}; a file cannot take its place.")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InvalidParameter(f"A step of {path!r} is a file, not a folder.") from None
        # Made with mode 0600 and a random name; on the same file system, so that the rename is atomic.
        descriptor, partial = tempfile.mkstemp(prefix=_PARTIAL, dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                for chunk in chunks_of(content):
                    stream.write(chunk)
                stream.flush()
                if self._durable:
                    os.fsync(stream.fileno())
            Path(partial).replace(file)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        if self._durable:
            _sync_folder(file.parent)

    def delete(self, path: str) -> None:
        """See ports.ArtifactStore."""
        target = self._locate(check_file_path(path))
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        elif target.exists():
            target.unlink()
        else:
            raise DoesNotExist(f"There is no artifact {path!r}.")

    def local_path(self, path: str) -> Path:
        """Where a path lies on this machine. Raises InvalidParameter."""
        return self._locate(check_path(path))

    def _locate(self, path: str) -> Path:
        target = self._root / path
        if not target.resolve().is_relative_to(self._root):
            raise InvalidParameter(f"Invalid path {path[:200]!r}: it leads out of the artifacts' root.")
        return target

    def _is_shown(self, entry: os.DirEntry[str]) -> bool:
        if entry.name == RESERVED or entry.name.startswith(_PARTIAL):
            return False
        return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(self._root)


def _info(path: str, entry: os.DirEntry[str]) -> FileInfo:
    if entry.is_dir():
        return FileInfo(path=path, is_dir=True)
    return FileInfo(path=path, is_dir=False, file_size=entry.stat().st_size)


def chunks_of(content: Content) -> Iterable[bytes]:
    """What a file is made of, in chunks that fit in memory."""
    if isinstance(content, Path):
        return _file(content)
    return (content,) if isinstance(content, bytes) else content


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from iter(lambda: stream.read(CHUNK), b"")


def _chunks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := stream.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
