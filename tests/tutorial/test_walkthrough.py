"""How a page is read and compared, without which the tutorial's test could pass although the page is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tutorial.walkthrough import Names, items, python, shell, unread

PAGE = """# A page

<!-- not run: a reason -->
```bash
brew install it
```

Text.

```text
done
```

<!-- press Ctrl-C: it -->

![A picture](pictures/it.png)
"""
RUN_ID = "0123456789abcdef" * 2


def test_items() -> None:
    found = [(item.kind, item.language, item.mark, item.text) for item in items(PAGE)]
    assert found == [
        ("block", "bash", "not run: a reason", "brew install it\n"),
        ("block", "text", "", "done\n"),
        ("command", "", "", "press Ctrl-C: it"),
        ("picture", "", "", "pictures/it.png"),
    ]
    assert [item.line for item in items(PAGE)] == [3, 10, 14, 16]
    assert unread(PAGE) == []


@pytest.mark.parametrize("hidden", ["    indented", "  ```bash", "~~~", "<!-- not ended"])
def test_what_looks_like_a_block_and_is_none_is_found(hidden: str) -> None:
    assert unread(f"{PAGE}\n{hidden}\n") == [hidden]


def test_placeholders_stand_for_the_same_text_everywhere() -> None:
    names = Names({"127.0.0.1:5000": "127.0.0.1:10001"})
    names.compare(
        f"at 127.0.0.1:10001\nRun {RUN_ID} at 1700000000000  \n", "at 127.0.0.1:5000\nRun <run_id> at <time>\n"
    )
    assert names.actual("show <run_id>") == f"show {RUN_ID}"
    with pytest.raises(AssertionError):
        names.compare(f"Run {RUN_ID[::-1]}", "Run <run_id>")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [("a\nb", "a"), ("a", "a\nb"), ("RMSE: 0.7381", "RMSE: 0.738"), ("axb", "a.b"), ("a", ""), ("", "<run_id>")],
)
def test_another_output_is_refused(printed: str, shown: str) -> None:
    with pytest.raises(AssertionError, match="The page shows"):
        Names({}).compare(printed, shown)


@pytest.mark.parametrize("printed", ["first\nsome\nmore\nlast here", "first\nlast"])
def test_an_ellipsis_stands_for_lines_or_text(printed: str) -> None:
    Names({}).compare(printed, "first\n…\nlast…")


def test_sessions_keep_what_their_blocks_set_and_fail_with_them(tmp_path: Path) -> None:
    terminal = shell(tmp_path, tmp_path / "block.sh", os.environ)
    terminal.run("export A=1\nmkdir below; cd below")
    assert terminal.run('printf "$A $(basename $PWD)"').strip() == "1 below"
    with pytest.raises(AssertionError, match="This block failed"):
        terminal.run("false\ntrue")
    terminal.close()
    session = python(tmp_path, os.environ)
    session.run("a = 1")
    assert session.run("print(a)") == "1\n"
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        session.run("a / 0")
    session.close()
