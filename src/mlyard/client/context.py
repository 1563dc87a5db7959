"""Tags that say where a run was started: user, script, git commit."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from mlyard.domain.runs import TAG_GIT_COMMIT, TAG_SOURCE_NAME, TAG_SOURCE_TYPE, TAG_USER

_HASHES = (40, 64)  # the lengths of SHA-1 and SHA-256 in hexadecimal


def context_tags() -> dict[str, str]:
    """The tags that every run gets."""
    source = Path(sys.argv[0]).name if sys.argv and sys.argv[0] not in {"", "-c"} else "<interactive>"
    tags = {TAG_USER: _user(), TAG_SOURCE_NAME: source, TAG_SOURCE_TYPE: "LOCAL"}
    commit = _commit(Path.cwd())
    return {**tags, TAG_GIT_COMMIT: commit} if commit else tags


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"


def _commit(folder: Path) -> str | None:
    """The commit of HEAD, read from git's files: starting git would take longer than all else in ``start_run``."""
    try:
        place = next((parent / ".git" for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)
        return _head(_git_folder(place)) if place else None
    except (OSError, ValueError):  # unreadable, or not as git writes it
        return None


def _git_folder(place: Path) -> Path:
    """Where git's files are: in a worktree or a submodule, ``.git`` is a file that names the folder."""
    return place if place.is_dir() else place.parent / _text(place).removeprefix("gitdir: ")


def _head(git: Path) -> str | None:
    text = _text(git / "HEAD")
    if not text.startswith("ref: "):
        return text if len(text) in _HASHES else None
    name = text.removeprefix("ref: ")
    shared = git / _text(git / "commondir") if (git / "commondir").exists() else git  # of all worktrees
    for file in (git / name, shared / name):
        if file.is_file():
            return _text(file)
    packed = shared / "packed-refs"
    lines = _text(packed).splitlines() if packed.exists() else []
    return next((line.partition(" ")[0] for line in lines if line.partition(" ")[2] == name), None)


def _text(file: Path) -> str:
    return os.fsdecode(file.read_bytes()).strip()
