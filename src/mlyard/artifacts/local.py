"""Artifacts in a local folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mlyard.artifacts.content import CHUNK, chunks_of, exactly
from mlyard.artifacts.folders import PARTIAL, Folder, open_below, open_holder, open_place, real_steps
from mlyard.artifacts.local_parts import LocalParts
from mlyard.artifacts.paths import check_file_path, check_path
from mlyard.core.errors import DoesNotExist
from mlyard.domain.artifacts import RESERVED, FileInfo
from mlyard.ports.artifacts import Bundles, Content, DirectAccess, OpenArtifact, PartedUploads, Unfinished

_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class LocalArtifactStore:
    """ports.ArtifactStore below ``root``, which is created when the first file is put.

    Links that lead outside the root are refused. A file is written under a temporary name, synced to disk
    and then renamed, so it appears complete or not at all.
    """

    direct: DirectAccess | None = None
    bundles: Bundles | None = None

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        """``durable``: sync files to disk, so that they survive a power cut."""
        self._root = Path(root).resolve()
        self._durable = durable
        self.parts: PartedUploads | None = LocalParts(self._root)

    def list(self, path: str = "") -> list[FileInfo]:
        """See ports.ArtifactStore."""
        steps = real_steps(self._root, check_path(path))
        try:
            folder = open_below(self._root, steps)
        except _ABSENT:
            return []
        with folder:
            shown = [entry for entry in folder.entries() if self._is_shown(steps, entry)]
            infos = [_info(f"{path}/{entry.name}" if path else entry.name, entry) for entry in shown]
            return [info for info in infos if info]

    @contextmanager
    def open(self, path: str, start: int = 0, stop: int | None = None) -> Iterator[OpenArtifact]:
        """See ports.ArtifactStore."""
        with self._stream(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(min(start, size))
            yield OpenArtifact(size, _chunks(stream, (size if stop is None else stop) - start))

    def put(self, path: str, content: Content, size: int | None = None) -> None:
        """See ports.ArtifactStore."""
        with open_place(self._root, check_file_path(path)) as (folder, name):
            self._write(folder, name, content, size)

    def delete(self, path: str) -> None:
        """See ports.ArtifactStore."""
        try:
            folder, name = open_holder(self._root, check_file_path(path))
            with folder:
                folder.remove(name)
        except _ABSENT:
            raise DoesNotExist(f"There is no artifact {path!r}.") from None

    def unfinished(self) -> Sequence[Unfinished]:
        """See ports.ArtifactStore."""
        return self.parts.uploads() if self.parts else ()

    def drop(self, unfinished: Unfinished) -> None:
        """See ports.ArtifactStore."""
        with suppress(DoesNotExist):
            self.delete(unfinished.path)

    def _stream(self, path: str) -> BinaryIO:
        """Open a file for reading, by its resolved steps."""
        steps = real_steps(self._root, check_file_path(path))
        if not steps:
            raise DoesNotExist(f"There is no artifact {path!r}.")
        try:
            with open_below(self._root, steps[:-1]) as folder:
                return folder.open(steps[-1])
        except _ABSENT:
            raise DoesNotExist(f"There is no artifact {path!r}.") from None

    def _write(self, folder: Folder, name: str, content: Content, size: int | None) -> None:
        # The partial file is in the same folder, so that the rename is atomic.
        partial, stream = folder.create()
        try:
            with stream:
                chunks = chunks_of(content)
                for chunk in chunks if size is None else exactly(chunks, size, f"The file {name!r}"):
                    stream.write(chunk)
                stream.flush()
                if self._durable:
                    os.fsync(stream.fileno())
            folder.rename(partial, name)
        except BaseException:
            with suppress(FileNotFoundError):  # the folder was removed in the meantime, with the partial file
                folder.remove(partial)
            raise
        if self._durable:
            folder.sync()

    def _is_shown(self, steps: tuple[str, ...], entry: os.DirEntry[str]) -> bool:
        if entry.name == RESERVED or entry.name.startswith(PARTIAL):
            return False
        return not entry.is_symlink() or self._root.joinpath(*steps, entry.name).resolve().is_relative_to(self._root)


def _info(path: str, entry: os.DirEntry[str]) -> FileInfo | None:
    """None for a broken link, and for an entry that was removed in the meantime."""
    if entry.is_dir():
        return FileInfo(path=path, is_dir=True)
    try:
        return FileInfo(path=path, is_dir=False, file_size=entry.stat().st_size)
    except FileNotFoundError:
        return None


def _chunks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := stream.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk
