"""Comments, docstrings, messages and guides in plain English: phrases that read as riddles do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
WRITTEN = {
    "src/mlyard": "*.py",
    "tests": "*.py",
    "docs": "*.md",
    "web/src": "*.ts*",
    "examples": "*.py",
    "benchmarks": "*.py",
}
EXAMPLES = ROOT / "tests" / "arch" / "test_words.py"  # of what is to be found


def riddles(folder: str, pattern: str) -> Iterator[str]:
    """A line for each phrase to avoid below a folder: where it is, and what to write instead."""
    for file in sorted({*(ROOT / folder).rglob(pattern)} - {EXAMPLES}):
        text = file.read_text(encoding="utf-8")
        for riddle, advice in RIDDLES.items():
            for found in re.finditer(riddle, text, re.IGNORECASE):
                line = text.count("\n", 0, found.start()) + 1
                yield f"{file.relative_to(ROOT).as_posix()}:{line}: {' '.join(found[0].split())!r}: {advice}"


def test_the_folders_exist() -> None:
    """Without this, nothing would be checked in a folder that was renamed."""
    assert [folder for folder in WRITTEN if not (ROOT / folder).is_dir()] == []


def test_riddles_are_found() -> None:
    text = "This is no answer, whatever it is. There is no index.\nIt is no longer here, and\nis wanted thrice."
    found = [match[0] for riddle in RIDDLES for match in re.finditer(riddle, text, re.IGNORECASE)]
    assert found == ["is no answer", "whatever", "is wanted", "thrice"]


def test_no_riddles() -> None:
    assert [hit for folder, pattern in WRITTEN.items() for hit in riddles(folder, pattern)] == []
