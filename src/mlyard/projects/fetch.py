"""Brings a project's files to a folder of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.temporary import temporary_folder
from mlyard.projects.address import FOLDER, GIT, Address, parse_address
from mlyard.projects.archives import unpack
from mlyard.projects.download import download
from mlyard.projects.git import GitFailed, commit_of, explained
from mlyard.projects.repositories import Commit, fetch_commit, write_files
from mlyard.projects.submodules import place_of, submodules

_DEEPEST = 5


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a project, and what is known about their origin.

    ``copy`` is the temporary folder with the files, if they are a copy; a local folder is used in place.
    """

    folder: Path
    name: str
    commit: str | None = None
    branch: str | None = None
    repository: str | None = None
    copy: Path | None = None

    def discard(self) -> None:
        """Remove the copy, if the files are one."""
        if self.copy:
            shutil.rmtree(self.copy, ignore_errors=True)


def fetch(address: Address) -> Source:
    """The files of a project. Raises DoesNotExist, InvalidParameter, PermissionDenied, TemporarilyUnavailable."""
    if address.kind == FOLDER:
        return _in_place(address)
    copy = temporary_folder()
    try:
        return _from_git(address, copy) if address.kind == GIT else _from_zip(address, copy)
    except BaseException:
        shutil.rmtree(copy, ignore_errors=True)
        raise


def _in_place(address: Address) -> Source:
    folder = Path(address.url, address.subdirectory).resolve()
    if not folder.is_dir():
        raise DoesNotExist(f"There is no project at {str(folder)!r}: it is not a folder.")
    commit, branch, origin = commit_of(folder)
    if commit is None:
        return Source(folder=folder, name=str(folder))
    return Source(folder=folder, name=str(folder), commit=commit, branch=branch, repository=_public(origin))


def _public(origin: str | None) -> str | None:
    """The address of a repository without credentials. An address that cannot be read is left out."""
    try:
        return parse_address(origin).url if origin else None
    except InvalidParameter:
        return None


def _from_git(address: Address, copy: Path) -> Source:
    try:
        commit = _write_tree(address, copy, depth=0)
    except GitFailed as failure:  # git refuses some paths, such as those that lead out of the project
        raise explained(failure, address.shown, address.credentials) from None
    return Source(
        folder=_subfolder(copy, address),
        name=address.shown,
        commit=commit.id,
        branch=commit.branch,
        repository=address.url,
        copy=copy,
    )


def _write_tree(address: Address, folder: Path, depth: int) -> Commit:
    """Write the files of a repository and of its submodules. Links are checked before a submodule's files follow."""
    if depth > _DEEPEST:
        raise InvalidParameter(f"The project {address.shown!r} is refused: its submodules are nested too deeply.")
    commit = fetch_commit(address)
    write_files(commit, folder)
    check_links(folder, address.shown)
    for submodule in submodules(commit, address):
        _write_tree(submodule.address, place_of(folder, submodule), depth + 1)
    return commit


def check_links(folder: Path, shown: str) -> None:
    """Raise InvalidParameter if a link of a project leads out of its folder. ``shown``: the project, for people."""
    root = folder.resolve()
    for place, folders, files in os.walk(root):
        for name in (*folders, *files):
            link = Path(place, name)
            if link.is_symlink() and not _stays(link, root):
                raise InvalidParameter(
                    f"The project {shown!r} is refused: its link {str(link.relative_to(root))!r} leads out of "
                    "the project."
                )


def _stays(link: Path, root: Path) -> bool:
    try:
        return not link.readlink().is_absolute() and link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


def _from_zip(address: Address, copy: Path) -> Source:
    if address.url.startswith(("http://", "https://")):
        archive = copy / "archive.zip"
        url = f"{address.url}?{address.query}" if address.query else address.url
        download(url, archive, address.shown, address.credentials)
    else:
        archive = _local_archive(address)
    content = copy / "content"
    content.mkdir()
    unpack(archive, content, address.shown)
    return Source(folder=_subfolder(_root_of(content), address), name=address.shown, copy=copy)


def _local_archive(address: Address) -> Path:
    path = address.url
    archive = Path(unquote(urlsplit(path).path)) if path.startswith("file://") else Path(path)
    if not archive.is_file():
        raise DoesNotExist(f"There is no project at {address.shown!r}: it is not a file.")
    return archive


def _root_of(content: Path) -> Path:
    """The folder that holds everything, as in the zip files that GitHub makes; else the archive's root."""
    entries = list(content.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else content


def _subfolder(root: Path, address: Address) -> Path:
    folder = (root / address.subdirectory).resolve()
    if not folder.is_dir() or not folder.is_relative_to(root.resolve()):
        raise DoesNotExist(f"The project {address.shown!r} has no folder {address.subdirectory!r}.")
    return folder
