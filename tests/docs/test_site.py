"""The documentation site: strictly built, with a section per public callable, and nothing from other hosts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from mlyard.cli.main import cli
from tests.conftest import ROOT, clean_environment
from tests.public import public_callables, public_modules

LOADS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


class Page(HTMLParser):
    """The ids of a page, and the addresses of all that it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        self.loaded += re.findall(r"url\(['\"]?([^)'\"]+)", given.get("style") or "")
        if address := given.get(LOADS.get(tag, "")):
            self.loaded.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, str(ROOT / "docs/site/build.py"), str(folder)]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return {file.relative_to(site).as_posix(): Page(file.read_text("utf-8")) for file in sorted(site.rglob("*.html"))}


def test_each_public_callable_has_a_section(pages: dict[str, Page]) -> None:
    anchors = set().union(*(page.ids for name, page in pages.items() if name.startswith("reference/")))
    names = {*public_callables(), *(name for found in public_modules().values() for name in found)}
    assert sorted(names - anchors) == []


def test_each_command_has_a_section(pages: dict[str, Page]) -> None:
    assert sorted(set(commands(cli, "mlyard")) - pages["reference/cli.html"].ids) == []


def commands(command: click.Command, name: str) -> Iterator[str]:
    """The anchors of the commands below a command, and of their options."""
    context = click.Context(command, info_name=name)
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and not parameter.hidden and "--help" not in parameter.opts:
            yield f"cmdoption-{name.replace(' ', '-')}-{parameter.opts[0].lstrip('-')}"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from [f"{name} {each}".replace(" ", "-"), *commands(found, f"{name} {each}")]


def test_each_page_of_the_repository_is_there(pages: dict[str, Page]) -> None:
    expected = {f"guide/{page.stem}.html" for page in (ROOT / "docs/guide").glob("*.md")}
    expected |= {f"adr/{page.stem}.html" for page in (ROOT / "docs/adr").glob("0*.md")}
    assert expected | {"index.html", "architecture.html", "benchmarks.html", "changelog.html"} <= set(pages)


def test_the_architecture_is_drawn(site: Path) -> None:
    text = (site / "architecture.html").read_text("utf-8")
    drawn = set(re.findall(r"<text [^>]*>([^<]+)</text>", text))
    assert {"cli", "stores/sql", "core"} <= drawn
    assert "flowchart" not in text


def test_nothing_comes_from_other_hosts(site: Path, pages: dict[str, Page]) -> None:
    loaded = {address for page in pages.values() for address in page.loaded}
    for file in site.rglob("*.css"):
        loaded.update(re.findall(r"(?:@import\s+|url\()['\"]?([^)'\";]+)", file.read_text("utf-8")))
    assert any(address.endswith(".js") or ".js?" in address for address in loaded)
    elsewhere = [address for address in loaded if re.match(r"(?:[a-z]+:)?//", address) or address.startswith("/")]
    assert elsewhere == []
