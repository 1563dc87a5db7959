"""Comments, docstrings, messages and guides in plain English: phrases that read as riddles do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

RIDDLES = {
    r"(?<!there )\bis no (?!longer\b|more\b|less\b|need\b)\w+": "say 'is not a …'",
    r"(?<!there )\bare no (?!longer\b|more\b|less\b)\w+": "say 'are not …'",
    r"\bwhatever\b": "say what it may be",
    r"\bis wanted\b": "say who needs it, or for what",
    r"\btold of\b": "say what is configured or passed",
    r"\bhears? of\b": "say what is reported",
    r"\bof which there\b": "say what there is",
    r"\bwhich there (?:is|are)\b": "say what there is",
    r"\bthrice\b": "say 'three times'",
    r"\bin number\b": "say 'count' or 'number of'",
}
WRITTEN = {"src/mlyard": "*.py", "docs": "*.md", "web/src": "*.ts*"}
# Folders that nobody has gone through yet. When one has been rewritten, it leaves this list; none is added.
NOT_YET: set[str] = set()


def riddles(folder: str, pattern: str) -> Iterator[tuple[str, str]]:
    """For each phrase to avoid below a folder, its file, and a line that says where it is and what to do."""
    for file in sorted((ROOT / folder).rglob(pattern)):
        path, text = file.relative_to(ROOT).as_posix(), file.read_text()
        for riddle, advice in RIDDLES.items():
            for found in re.finditer(riddle, text, re.IGNORECASE):
                line = text.count("\n", 0, found.start()) + 1
                yield path, f"{path}:{line}: {' '.join(found[0].split())!r}: {advice}"


def is_below(path: str, folders: set[str]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def test_the_folders_exist() -> None:
    """A folder that was renamed would otherwise be checked by nobody, or never leave the list."""
    assert [folder for folder in (*WRITTEN, *NOT_YET) if not (ROOT / folder).is_dir()] == []


def test_riddles_are_found() -> None:
    text = "This is no answer, whatever it is. There is no index.\nIt is no longer here, and\nis wanted thrice."
    found = [match[0] for riddle in RIDDLES for match in re.finditer(riddle, text, re.IGNORECASE)]
    assert found == ["is no answer", "whatever", "is wanted", "thrice"]


def test_no_riddles() -> None:
    found = [hit for folder, pattern in WRITTEN.items() for hit in riddles(folder, pattern)]
    assert [line for path, line in found if not is_below(path, NOT_YET)] == []
