"""The submodules of a commit. They are fetched like projects, from their project's own host alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.projects.address import GIT, Address, parse_address
from mlyard.projects.git import GitFailed, git
from mlyard.projects.repositories import Commit

_GITLINK = b"160000"


class Submodule(msgspec.Struct, frozen=True, kw_only=True):
    """Where a submodule's files go in the project, and where they come from."""

    path: str
    address: Address


def submodules(commit: Commit, parent: Address) -> Iterator[Submodule]:
    """The submodules of a commit. Raises InvalidParameter for one without an address, or with one to refuse."""
    links = _links(commit)
    urls = _urls(commit) if links else {}
    for path, commit_id in links.items():
        if path not in urls:
            raise InvalidParameter(f"The project {parent.shown!r} has no address for its submodule {path!r}.")
        yield Submodule(path=path, address=_address(urls[path], commit_id, path, parent))


def _links(commit: Commit) -> dict[str, str]:
    listed = git([f"--git-dir={commit.repository}", "ls-tree", "-r", "-z", "--full-tree", commit.id])
    entries = [line.partition(b"\t") for line in listed.split(b"\0") if line.startswith(_GITLINK)]
    return {os.fsdecode(path): meta.split()[2].decode() for meta, _, path in entries}


def _urls(commit: Commit) -> dict[str, str]:
    """The addresses in .gitmodules by path. git reads the file as data: nothing in it becomes configuration."""
    command = [f"--git-dir={commit.repository}", "config", f"--blob={commit.id}:.gitmodules", "--null", "--list"]
    try:
        listed = os.fsdecode(git(command))
    except GitFailed:
        return {}
    values = dict(line.partition("\n")[::2] for line in listed.split("\0") if line.startswith("submodule."))
    named = {key.removesuffix(".path"): value for key, value in values.items() if key.endswith(".path")}
    return {path: values[f"{name}.url"] for name, path in named.items() if f"{name}.url" in values}


def _address(url: str, commit_id: str, path: str, parent: Address) -> Address:
    try:
        found = parse_address(_joined(parent.url, url) if url.startswith(("./", "../")) else url, commit_id)
    except InvalidParameter as error:
        raise InvalidParameter(f"The submodule {path!r} of {parent.shown!r} is refused: {error.message}") from None
    if found.kind != GIT or found.subdirectory or _host(found.url) != _host(parent.url):
        raise InvalidParameter(
            f"The submodule {path!r} of {parent.shown!r} is refused: its address {found.shown!r} is not a repository "
            "on the project's own host."
        )
    if found.credentials:
        raise InvalidParameter(f"The submodule {path!r} of {parent.shown!r} is refused: its address has credentials.")
    return msgspec.structs.replace(found, credentials=parent.credentials)


def _joined(base: str, relative: str) -> str:
    """A relative address of a submodule: it starts at the repository itself, as git reads it."""
    place = base.rstrip("/")
    while relative.startswith(("./", "../")):
        if relative.startswith("../"):
            separator = "/" if "/" in place else ":"
            place, found, _ = place.rpartition(separator)
            if not found or place.endswith("/"):
                raise InvalidParameter(f"its address {relative!r} leaves the host.")
        relative = relative.partition("/")[2]
    return f"{place}/{relative}"


def _host(url: str) -> tuple[str, str]:
    if "://" in url:
        parts = urlsplit(url)
        return parts.scheme, parts.netloc.lower()
    return "ssh", url.partition(":")[0].lower()


def place_of(folder: Path, submodule: Submodule) -> Path:
    """The folder of a submodule's files below its project's. Raises InvalidParameter if a link leads elsewhere."""
    place = folder.resolve() / submodule.path
    if place.resolve() != place:
        raise InvalidParameter(f"The submodule {submodule.path!r} is refused: its folder is behind a link.")
    place.mkdir(parents=True, exist_ok=True)
    return place
