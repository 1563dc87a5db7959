"""Tags that say where a run was started: user, script, git commit."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from mlyard.domain.runs import TAG_GIT_COMMIT, TAG_SOURCE_NAME, TAG_SOURCE_TYPE, TAG_USER


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
    for parent in (folder, *folder.parents):
        head = parent / ".git" / "HEAD"
        try:
            text = os.fsdecode(head.read_bytes()).strip()
            if not text.startswith("ref: "):
                return text if len(text) == 40 else None
            ref = head.parent / text.removeprefix("ref: ")
            return ref.read_text("utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            if head.exists():
                return None
        except OSError:
            return None
    return None
