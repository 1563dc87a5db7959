"""Opens folders below a root without being tricked by symbolic links.

A path is first resolved, and the result must be below the root. Then each step is opened relative to the folder
before it, and refused if it has become a link in the meantime (openat with O_NOFOLLOW). Replacing a folder by a
link between the check and the use therefore gains nothing. On systems without these calls (Windows), only the
check protects.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable

PARTIAL = ".mlyard-partial-"
"""Prefix of the names of files that are still being written."""

_STEPWISE = {os.open, os.mkdir, os.rename, os.stat, os.unlink, os.rmdir} <= os.supports_dir_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OLD = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Folder:
    """An open folder, which must be closed. Its methods take the name of one entry, never a path."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self._path = path
        self._fd = descriptor

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._fd is not None:
            os.close(self._fd)

    def entries(self) -> list[os.DirEntry[str]]:
        """Its entries, sorted by name."""
        with os.scandir(self._path if self._fd is None else self._fd) as found:
            return sorted(found, key=lambda entry: entry.name)

    def is_folder(self, name: str) -> bool:
        """Whether the entry is a folder. A link does not count as one."""
        return stat.S_ISDIR(self._mode(name))

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises NotADirectoryError for a link, FileNotFoundError for anything but a file."""
        descriptor = _open(self._at(name), _FILE, self._fd)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(name)
        return os.fdopen(descriptor, "rb")

    def create(self) -> tuple[str, BinaryIO]:
        """Create a partial file that only its owner may read; returns its name and a stream to write to.

        Raises TemporarilyUnavailable when the folder itself was removed in the meantime. So does ``rename``.
        """
        name = f"{PARTIAL}{secrets.token_hex(8)}"
        with _still_there(self._path):
            return name, os.fdopen(os.open(self._at(name), _NEW, 0o600, dir_fd=self._fd), "wb")

    def update(self, name: str) -> BinaryIO:
        """Open an existing file for writing. Raises FileNotFoundError, and NotADirectoryError for a link."""
        return os.fdopen(_open(self._at(name), _OLD, self._fd), "r+b")

    def rename(self, old: str, new: str) -> None:
        """Rename a file, replacing any file of the new name."""
        with _still_there(self._path):
            os.replace(self._at(old), self._at(new), src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def remove(self, name: str) -> None:
        """Remove a file, a link, or a folder with its content."""
        if not self.is_folder(name):
            os.unlink(self._at(name), dir_fd=self._fd)
        elif self._fd is None:
            shutil.rmtree(self._at(name))
        else:
            _remove_tree(name, self._fd)

    def sync(self) -> None:
        """Write the folder's entries to disk, so that they survive a power cut."""
        if self._fd is not None:
            os.fsync(self._fd)

    def _at(self, name: str) -> str:
        return name if self._fd is not None else str(self._path / name)

    def _mode(self, name: str) -> int:
        try:
            return os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return 0


def open_below(root: Path, steps: tuple[str, ...], *, make: bool = False) -> Folder:
    """Open a folder by resolved steps (no links). ``make`` creates those that are missing.

    Raises OSError when a step is missing, or is a file or a link.
    """
    path = root.joinpath(*steps)
    if not _STEPWISE:
        if make:
            path.mkdir(parents=True, exist_ok=True)
        return Folder(path, None)
    if make:
        root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root, _FOLDER)
    for step in steps:
        above = descriptor
        try:
            descriptor = _step(step, above, make=make)
        finally:
            os.close(above)
    return Folder(path, descriptor)


def open_holder(root: Path, path: str, *, make: bool = False) -> tuple[Folder, str]:
    """The open folder that holds ``path``, and the name in it. Links in ``path`` cannot lead out of the root.

    Raises InvalidParameter when a folder to create is already a file, and the errors of ``open_below``.
    """
    above, _, name = path.rpartition("/")
    steps = real_steps(root, path)
    holder = steps[:-1] if "/".join(steps) == path else real_steps(root, above)
    try:
        return open_below(root, holder, make=make), name
    except (FileExistsError, NotADirectoryError):
        if not make:
            raise
        raise InvalidParameter(f"A step of {path!r} is a file, not a folder.") from None


@contextmanager
def open_place(root: Path, path: str) -> Iterator[tuple[Folder, str]]:
    """The open folder for a file at ``path``, and the file's name. Raises InvalidParameter if no file can be there."""
    if any(step.startswith(PARTIAL) for step in path.split("/")):
        raise InvalidParameter(f"Invalid path {path[:200]!r}: names that begin with {PARTIAL!r} are mlyard's own.")
    folder, name = open_holder(root, path, make=True)
    with folder:
        if folder.is_folder(name):
            raise InvalidParameter(f"There is a folder at {path!r}; a file cannot take its place.")
        yield folder, name


def real_steps(root: Path, path: str) -> tuple[str, ...]:
    """Resolve the links in a path below a resolved root. Raises InvalidParameter when it leads outside."""
    steps, place = tuple(path.split("/")) if path else (), str(root)
    for step in steps:
        place = f"{place}/{step}"
        try:
            if stat.S_ISLNK(os.lstat(place).st_mode):
                return _followed(root, path)
        except OSError:  # it does not exist, so neither it nor the steps below are links
            break
    return steps


def _followed(root: Path, path: str) -> tuple[str, ...]:
    try:
        real = Path(os.path.realpath(root / path))
    except OSError:  # a link was replaced while it was resolved
        raise _changed(root) from None
    if not real.is_relative_to(root):
        raise InvalidParameter(f"Invalid path {path[:200]!r}: it leads outside the artifact root.")
    return real.relative_to(root).parts


def _changed(folder: Path) -> TemporarilyUnavailable:
    return TemporarilyUnavailable(f"The folder {folder.name!r} was changed or removed in the meantime. Try again.")


@contextmanager
def _still_there(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise _changed(folder) from None


def _step(name: str, folder: int, *, make: bool) -> int:
    try:
        return _open(name, _FOLDER, folder)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):  # another process created it in the meantime
        os.mkdir(name, dir_fd=folder)
    with _still_there(Path(name)):
        return _open(name, _FOLDER, folder)


def _open(name: str, flags: int, folder: int | None) -> int:
    """Call os.open. A link raises NotADirectoryError, as a file does where a folder is expected."""
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotADirectoryError(error.errno, "It is a link", name) from None
        raise


def _remove_tree(name: str, folder: int) -> None:
    for _, folders, files, descriptor in os.fwalk(name, topdown=False, dir_fd=folder, follow_symlinks=False):
        for file in files:
            os.unlink(file, dir_fd=descriptor)
        for below in folders:
            _remove_empty(below, descriptor)
    os.rmdir(name, dir_fd=folder)


def _remove_empty(name: str, folder: int) -> None:
    """Remove an empty folder, or a link to a folder."""
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    (os.rmdir if stat.S_ISDIR(mode) else os.unlink)(name, dir_fd=folder)
