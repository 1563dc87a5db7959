"""The tutorial is executed from its page, in order, as a reader would: in terminals, psql, Python and a browser."""

from __future__ import annotations

import io
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.conftest import ROOT, clean_environment
from tests.ports import free_port
from tests.postgres import Cluster, cluster
from tests.repositories import Repository, git_server
from tests.s3 import S3Server, ports_of_s3, remove_sockets
from tests.tutorial.steps import STEPS, Screen
from tests.tutorial.walkthrough import Foreground, Item, Names, Session, items, python, shell, unread

PAGE = ROOT / "docs" / "guide" / "tutorial.md"
EXAMPLE = ROOT / "examples" / "tutorial"
NOTEBOOK = EXAMPLE / "experiment.ipynb"
UNTRACKED = shutil.ignore_patterns("ml*", "data", "settings.sh", "__pycache__", ".ipynb_checkpoints")
MARGIN = 24  # pixels below what a picture shows
WRITE = bool(os.environ.get("TUTORIAL_WRITE"))  # `make tutorial` makes the pictures and the notebook anew
# A docker that only prints what it is asked to run, with each option on a line.
DOCKER = r"""#!/bin/sh
[ "$1" = image ] && exit
printf docker
for word in "$@"; do
  case "$word" in --*) printf '\n ' ;; esac
  printf ' %s' "$word"
done
echo
"""


class Reader:
    """Goes through the page. ``folder`` is where the page's terminals open."""

    def __init__(self, folder: Path, names: Names, environment: dict[str, str], screen: Screen) -> None:
        self._folder, self._names, self._environment, self._screen = folder, names, environment, screen
        self._terminal = shell(folder, folder.parent / "block.sh", environment)
        self._python: Session | None = None
        self._servers: list[Foreground] = []
        self._psql = ""
        self._printed: str | None = None

    def do(self, item: Item) -> None:
        """Do what one item of the page says. Fails if it is none of the things that can be done."""
        if item.mark.startswith("not run: "):
            return
        if item.language == "text":
            assert self._printed is not None, "no block printed this"
            self._names.compare(self._printed, item.text)
            self._printed = None
            return
        self.nothing_is_hidden()
        self._printed = self._run(item)

    def nothing_is_hidden(self) -> None:
        """Fail if the last block has printed something that the page does not show."""
        assert not (self._printed or "").strip(), (
            f"the page does not show what the block above prints:\n{self._printed}"
        )

    def _run(self, item: Item) -> str | None:
        text = self._names.actual(item.text)
        kind, _, detail = item.mark.partition(": ")
        match (item.language, kind, item.kind):
            case ("bash", "", _):
                return self._terminal.run(text)
            case ("bash", "opens psql", _):
                self._psql = text.strip()
            case ("sql" | "psql", "", _):
                return self._terminal.run(f"{self._psql} <<'END'\n{text}\nEND\n")
            case ("bash", "keeps running", _):
                self._start(text, self._names.actual(detail))
            case ("python", "" | "new Python session", _):
                return self._in_python(text, is_new=bool(kind))
            case ("yaml", "file", _):
                assert (self._here / detail).read_text("utf-8") == item.text
            case ("bash", "stand-in docker", _):
                return self._terminal.run(f"(PATH={self._stand_in()}:$PATH\n{text})")
            case (_, _, "command"):
                self._press(item.text)
            case (_, _, "picture"):
                self._look(item)
            case _:
                raise AssertionError("it is neither run, nor marked as not run with a reason")
        return None

    @property
    def _here(self) -> Path:
        return Path(self._terminal.run("pwd").strip())

    def _stand_in(self) -> Path:
        folder = self._folder.parent / "bin"
        folder.mkdir()
        (folder / "docker").write_text(DOCKER, encoding="utf-8")
        (folder / "docker").chmod(0o755)
        return folder

    def _look(self, item: Item) -> None:
        """Click in the UI what the page says, and see what its picture shows."""
        self._screen.told = item.before
        STEPS[item.text](self._screen)
        if WRITE:
            take_picture(self._screen.page, PAGE.parent / item.text)

    def _start(self, text: str, url: str) -> None:
        log = self._folder.parent / f"server-{len(self._servers)}.log"
        self._servers.append(Foreground(text, url, self._here, log, self._environment))

    def _press(self, text: str) -> None:
        key, _, command = text.partition(":")
        if key == "leave Python":
            self._leave_python()
            return
        assert key == "press Ctrl-C"
        (server,) = [server for server in self._servers if command.strip() in server.text]
        server.end()
        self._servers.remove(server)

    def _in_python(self, text: str, *, is_new: bool) -> str:
        if self._python is None or is_new:
            self._leave_python()
            self._python = python(self._here, self._environment)
        return self._python.run(text)

    def _leave_python(self) -> None:
        if self._python:
            self._python.close()
        self._python = None

    def close(self) -> None:
        """Close all terminals."""
        for server in self._servers:
            server.end(signal.SIGKILL)  # they are thrown away; to end in order takes the S3 server five seconds
        self._leave_python()
        self._terminal.close()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Cluster]:
    with cluster("scram-sha-256") as started:
        yield started


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("repositories")
    made = Repository(root / "wine")
    shutil.copytree(EXAMPLE, made.folder / "examples" / "tutorial", ignore=UNTRACKED)
    made.commit()
    with git_server(root) as served:
        yield f"{served.url}/wine/.git"


def notebook_items() -> list[Item]:
    """The blocks of the page that are the notebook too, with what they print."""
    page = PAGE.read_text("utf-8")
    begin, end = page.index("### Use the tracking API"), page.index("### View the tracking UI")
    return [item for item in items(page) if begin <= item.place < end]


def code_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebook(postgres: Cluster, s3: S3Server, tmp_path: Path) -> None:
    """Its code is the page's, and prints what the page shows."""
    shutil.copytree(EXAMPLE, tmp_path / "tutorial", ignore=UNTRACKED)
    blocks = notebook_items()
    notebook = made_notebook(blocks) if WRITE else nbformat.read(NOTEBOOK, as_version=4)
    assert code_of(notebook) == [block.text.rstrip() for block in blocks if block.language == "python"]
    database = postgres.new_database().rpartition("/")[2]
    names = Names({
        "db_user:123@localhost/mlflow_db": f"mlyard@127.0.0.1:{postgres.port}/{database}",
        "http://127.0.0.1:9001": s3.url,
    })  # fmt: skip
    executed = nbformat.from_dict(notebook)
    for cell in executed.cells:
        cell.source = names.actual(cell.source) if cell.cell_type == "code" else cell.source
    NotebookClient(executed, resources={"metadata": {"path": str(tmp_path / "tutorial")}}).execute()
    compare_outputs(executed, blocks, names)
    if WRITE:
        for cell, done in zip(notebook.cells, executed.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
        nbformat.write(notebook, NOTEBOOK)
    compare_outputs(notebook, blocks, Names({}))


def made_notebook(blocks: list[Item]) -> nbformat.NotebookNode:
    """The page's text and code as cells."""
    cells = []
    for block in blocks:
        if block.language == "python":
            said = block.before.strip()
            cells += [nbformat.v4.new_markdown_cell(said, id=f"text-{len(cells)}")] if said else []
            cells.append(nbformat.v4.new_code_cell(block.text.rstrip(), id=f"code-{len(cells)}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def compare_outputs(notebook: nbformat.NotebookNode, blocks: list[Item], names: Names) -> None:
    """Fail unless each cell prints what the page shows below its block."""
    shown: list[str] = []
    for block in blocks:
        if block.language == "python":
            shown.append("")
        elif block.language == "text":
            shown[-1] = block.text
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, expected in zip(cells, shown, strict=True):
        names.compare("".join(output.text for output in cell.outputs), expected)


def take_picture(page: Page, file: Path) -> None:
    """A small file, without the empty part of the page: the UI has few colors."""
    page.mouse.move(0, 0)
    shown = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    ground = Image.new("RGB", shown.size, shown.getpixel((0, shown.height - 1)))
    _, _, _, bottom = ImageChops.difference(shown, ground).getbbox()
    file.parent.mkdir(exist_ok=True)
    shown.crop((0, 0, shown.width, min(bottom + MARGIN, shown.height))).quantize(128).save(file, optimize=True)


def test_each_block_is_read_and_each_step_in_the_ui_has_a_picture() -> None:
    page = PAGE.read_text("utf-8")
    assert unread(page) == []
    assert [item.text for item in items(page) if item.kind == "picture"] == list(STEPS)
    assert [name for name in STEPS if not (PAGE.parent / name).is_file()] == []


def test_the_page(postgresql: Cluster, repository: str, page: Page, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "clone" / "examples" / "tutorial", ignore=UNTRACKED)
    s3_ports = ports_of_s3()
    ui, scoring = free_port(), free_port()
    names = Names({
        "@localhost/": f"@127.0.0.1:{postgresql.port}/",
        "-s3.port=9001": " ".join(["-s3.port.iceberg=0", *(f"-{name}={port}" for name, port in s3_ports.items())]),
        "127.0.0.1:9001": f"127.0.0.1:{s3_ports['s3.port']}",
        "mlyard ui": f"mlyard ui -p {ui}",
        "127.0.0.1:5000": f"127.0.0.1:{ui}",
        "-p 1234": f"-p {scoring}",
        "127.0.0.1:1234": f"127.0.0.1:{scoring}",
        "https://github.com/<user>/<repository>": repository,
    })  # fmt: skip
    environment = clean_environment(
        PATH=f"{ROOT / '.venv/bin'}:{postgresql.programs}:{os.environ['PATH']}",
        PGHOST=str(postgresql.folder), PGPORT=str(postgresql.port), PGUSER="mlyard", LOGNAME="ada",
        CURL_HOME=str(tmp_path), LC_ALL="C.UTF-8",
        MLYARD_ENV_ROOT=str(tmp_path / "environments"), MLYARD_PROJECT_CACHE=str(tmp_path / "projects"),
    )  # fmt: skip
    (tmp_path / ".curlrc").write_text("no-progress-meter\n", encoding="utf-8")  # on a terminal it is not shown either
    with ExitStack() as stack:
        reader = Reader(tmp_path / "clone", names, environment, Screen(page, f"http://127.0.0.1:{ui}"))
        stack.callback(remove_sockets, s3_ports.values())
        stack.callback(reader.close)
        for item in items(PAGE.read_text("utf-8")):
            try:
                reader.do(item)
            except AssertionError as error:
                pytest.fail(f"{PAGE.name}, line {item.line}: {error}", pytrace=False)
        reader.nothing_is_hidden()
