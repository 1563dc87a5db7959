"""The guide's and the README's examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, LiveServer, clean_environment


def examples(page: Path) -> str:
    found = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return "\n".join(found)


PAGES = [
    page
    for page in sorted((ROOT / "docs" / "guide").glob("*.md"))
    if "```python" in page.read_text("utf-8") and page.name != "tutorial.md"  # test_tutorial.py executes that one
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_guide_page(page: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", examples(page)], cwd=tmp_path, env=clean_environment(), check=True)


def test_the_readme(server: LiveServer, tmp_path: Path) -> None:
    code = examples(ROOT / "README.md").replace("http://127.0.0.1:5000", server.url)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "metrics.rmse" in done.stdout
