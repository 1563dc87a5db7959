"""The site's pages from the repository's Markdown files, with links that work in both places."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from diagrams import drawn

_HOME = "README.md"
_PLACES = {
    _HOME: "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "docs/ARCHITECTURE.md": "architecture.md",
    "docs/adr/README.md": "adr/index.md",
    "web/README.md": "web.md",
}
_PICTURES = {".svg", ".png"}
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")

_NAVIGATION = """
```{{toctree}}
:hidden:
:caption: Guide

{guide}
```

```{{toctree}}
:hidden:
:caption: Reference

{reference}
```

```{{toctree}}
:hidden:
:caption: Project

architecture
adr/index
benchmarks
web
contributing
changelog
```
"""
_DECISIONS = """
```{toctree}
:hidden:
:glob:

0*
```
"""


def write_pages(root: Path, target: Path, reference: list[str]) -> None:
    """Write the pages below ``target``. ``reference`` names the pages of the reference, which others write."""
    sources = [root / name for name in _PLACES if name.endswith(".md")]
    sources += [file for file in sorted((root / "docs").rglob("*.md")) if file not in sources]
    places = {file: PurePosixPath(_place(file.relative_to(root).as_posix())) for file in sources}
    for source, place in places.items():
        text = _FENCE.sub(_diagram, source.read_text(encoding="utf-8"))
        text = "".join(_moved(part, source, place, places, target) for part in _parts(text))
        if source == root / _HOME:
            text += _NAVIGATION.format(guide="\n".join(_guide(text)), reference="\n".join(reference))
        elif place == PurePosixPath("adr/index.md"):
            text += _DECISIONS
        page = target / place
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def _place(name: str) -> str:
    return _PLACES.get(name) or name.removeprefix("docs/")


def _guide(home: str) -> Iterator[str]:
    """The pages of the guide in the order in which the home page names them."""
    yield from dict.fromkeys(re.findall(r"\((guide/\w+)\.md\)", home))


def _parts(text: str) -> Iterator[str]:
    """The text, cut before and after each fenced block, which must keep what looks like links."""
    end = 0
    for fence in _FENCE.finditer(text):
        yield text[end : fence.start()]
        yield fence[0]
        end = fence.end()
    yield text[end:]


def _diagram(fence: re.Match[str]) -> str:
    language, _, source = fence[0].removeprefix("```").removesuffix("```").partition("\n")
    return f"```{{raw}} html\n{drawn(source)}\n```" if language == "mermaid" else fence[0]


def _moved(part: str, source: Path, place: PurePosixPath, places: dict[Path, PurePosixPath], target: Path) -> str:
    """Text with links to pages where these are in the site. Of links to other files, only the text remains."""

    def link(found: re.Match[str]) -> str:
        if not found["target"] or "://" in found["target"]:
            return found[0]
        file = Path(os.path.normpath(source.parent / found["target"]))
        if file.suffix in _PICTURES:
            picture = target / "pictures" / file.name
            picture.parent.mkdir(exist_ok=True)
            shutil.copyfile(file, picture)
            goal = PurePosixPath("pictures") / file.name
        elif file in places:
            goal = places[file]
        elif file.exists():
            return found["text"]
        else:
            raise ValueError(f"{source} links to {found['target']!r}, which does not exist.")
        way = os.path.relpath(goal, place.parent)
        return f"{found['picture']}[{found['text']}]({way}{found['anchor'] or ''})"

    return part if part.startswith("```") else _LINK.sub(link, part)
