"""Open folders below a root, in the face of symbolic links.

Where a path really leads is found first, and must be below the root. Then each step is opened from the
folder before it, and none is followed that has become a link since (openat with O_NOFOLLOW): whoever
swaps a folder for a link between the look and the use gains nothing. Where the system has no such calls
(Windows), the look alone holds.
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
"""How the name of a file begins that is not whole yet."""

_STEPWISE = {os.open, os.mkdir, os.rename, os.stat, os.unlink, os.rmdir} <= os.supports_dir_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OLD = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Folder:
    """An open folder, to be closed. Its methods take one name in it, never a path."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self._path = path
        self._fd = descriptor

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._fd is not None:
            os.close(self._fd)

    def entries(self) -> list[os.DirEntry[str]]:
        """What is in it, by name."""
        with os.scandir(self._path if self._fd is None else self._fd) as found:
            return sorted(found, key=lambda entry: entry.name)

    def is_folder(self, name: str) -> bool:
        """Whether a folder has that name; a link is none."""
        return stat.S_ISDIR(self._mode(name))

    def open(self, name: str) -> BinaryIO:
        """Read a file. Raises FileNotFoundError for what is no plain file, NotADirectoryError for a link."""
        descriptor = _open(self._at(name), _FILE, self._fd)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(name)
        return os.fdopen(descriptor, "rb")

    def create(self) -> tuple[str, BinaryIO]:
        """A new file for what is not whole yet, which only its owner may read: its name, and where to write.

        Raises TemporarilyUnavailable when the folder itself has been removed meanwhile; ``rename`` too.
        """
        name = f"{PARTIAL}{secrets.token_hex(8)}"
        with _still_there(self._path):
            return name, os.fdopen(os.open(self._at(name), _NEW, 0o600, dir_fd=self._fd), "wb")

    def update(self, name: str) -> BinaryIO:
        """Write into a file that is there. Raises FileNotFoundError, NotADirectoryError for a link."""
        return os.fdopen(_open(self._at(name), _OLD, self._fd), "r+b")

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, in place of what has that name."""
        with _still_there(self._path):
            os.replace(self._at(old), self._at(new), src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def remove(self, name: str) -> None:
        """Remove a file, a link, or a folder with all that is in it."""
        if not self.is_folder(name):
            os.unlink(self._at(name), dir_fd=self._fd)
        elif self._fd is None:
            shutil.rmtree(self._at(name))
        else:
            _remove_tree(name, self._fd)

    def sync(self) -> None:
        """Have the names in it survive a power cut."""
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
    """The folder that the real steps (no links) lead to; ``make``: with those that are missing.

    Raises OSError when a step is missing, a file, or a link.
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
    """The open folder that holds ``path``, and its name there. Neither leads out of the root, whatever links do.

    Raises InvalidParameter when a folder to be made is a file already; else as ``open_below``.
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


def real_steps(root: Path, path: str) -> tuple[str, ...]:
    """Where a path below a real root leads once links are followed. Raises InvalidParameter when that is outside."""
    steps, place = tuple(path.split("/")) if path else (), str(root)
    for step in steps:
        place = f"{place}/{step}"
        try:
            if stat.S_ISLNK(os.lstat(place).st_mode):
                return _followed(root, path)
        except OSError:  # there is nothing, so no link either
            break
    return steps


def _followed(root: Path, path: str) -> tuple[str, ...]:
    try:
        real = Path(os.path.realpath(root / path))
    except OSError:  # a link was looked up that was none any more
        raise _changed(root) from None
    if not real.is_relative_to(root):
        raise InvalidParameter(f"Invalid path {path[:200]!r}: it leads out of the artifacts' root.")
    return real.relative_to(root).parts


def _changed(folder: Path) -> TemporarilyUnavailable:
    return TemporarilyUnavailable(f"The folder {folder.name!r} was changed or removed meanwhile. Try again.")


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
    with suppress(FileExistsError):  # somebody else made it meanwhile
        os.mkdir(name, dir_fd=folder)
    with _still_there(Path(name)):
        return _open(name, _FOLDER, folder)


def _open(name: str, flags: int, folder: int | None) -> int:
    """os.open; a link is to its caller what a file is in place of a folder."""
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
    """A folder that has been emptied, or a link to one."""
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    (os.rmdir if stat.S_ISDIR(mode) else os.unlink)(name, dir_fd=folder)
