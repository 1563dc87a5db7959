"""A page of the guide as a reader goes through it: its blocks in order, in terminals, psql, Python and a browser."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.conftest import START_SECONDS, await_answer

Kind = Literal["block", "picture", "command"]
_ITEM = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$"
    r"|^!\[[^\]]*\]\((?P<picture>[^)]+)\)$"
    r"|^<!-- (?P<command>[^\n]+?) -->$",
    re.MULTILINE | re.DOTALL,
)
# What a page writes in place of ids and times. A name stands for the same text on the whole page, except these.
_CHANGING = {"time": r"\d{13}", "date": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"}
_NAMED = {"run_id": "[0-9a-f]{32}", "model_id": "m-[0-9a-f]{32}", "commit": "[0-9a-f]{40}"}
_PLACEHOLDER = re.compile(rf"<(?:(?:\w+_)?(?:{'|'.join(_NAMED)})|{'|'.join(_CHANGING)})>")
_HANGS_SECONDS = 5 * START_SECONDS  # a block may make an environment
_END = "=== end of this block ==="
_PYTHON = f"""
import json, sys
names = {{"__name__": "__main__"}}
for line in sys.stdin:
    exec(compile(json.loads(line), "<page>", "exec"), names)
    print({_END!r}, flush=True)
"""


@dataclass(frozen=True)
class Item:
    """A fenced block, a picture, or a comment that says what the reader does; ``before`` is the text above it.

    ``place`` counts characters from the page's beginning.
    """

    kind: Kind
    text: str
    line: int
    language: str = ""
    mark: str = ""
    before: str = ""
    place: int = 0


def items(page: str) -> Iterator[Item]:
    """All items of a page in order."""
    end = 0
    for found in _ITEM.finditer(page):
        line, before = page.count("\n", 0, found.start()) + 1, page[end : found.start()]
        end = found.end()
        if found["picture"]:
            yield Item("picture", found["picture"], line, before=before, place=found.start())
        elif found["command"]:
            yield Item("command", found["command"], line, before=before, place=found.start())
        else:
            yield Item("block", found["text"], line, found["language"], found["mark"] or "", before, found.start())


def unread(page: str) -> list[str]:
    """Lines that look like a block or a comment, but are part of no item: indented ones, for example."""
    return [line for line in _ITEM.sub("", page).splitlines() if re.match(r"\s*(```|~~~|<!--)|    |\t", line)]


@dataclass
class Names:
    """What the page's placeholders stand for, and where its servers are in the test."""

    places: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)

    def actual(self, text: str) -> str:
        """A command of the page with the places and ids of the test."""
        for written, place in (self.places | self.values).items():
            text = text.replace(written, place)
        return text

    def compare(self, printed: str, shown: str) -> None:
        """Fail unless the page shows what was printed. Learns what new placeholders stand for.

        A line of the page that is `…` stands for any lines, and `…` within a line for any text.
        """
        learned: list[str] = []
        expected = "".join(self._line(line, learned) for line in _trimmed(self.actual(shown)).split("\n"))
        found = re.fullmatch(expected, _trimmed(printed) + "\n")
        assert found, f"The page shows:\n{self.actual(shown)}\nPrinted was:\n{printed}"
        self.values |= {f"<{name}>": found[name] for name in learned}

    def _line(self, shown: str, learned: list[str]) -> str:
        """The pattern of one line; adds the names of its new placeholders to ``learned``."""
        if shown == "…":
            return r"(?:.*\n)*"
        pattern, end = "", 0
        for found in _PLACEHOLDER.finditer(shown):
            pattern += _literal(shown[end : found.start()]) + _placeholder(found[0].strip("<>"), learned)
            end = found.end()
        return pattern + _literal(shown[end:]) + r"\n"


def _literal(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("…"))


def _placeholder(name: str, learned: list[str]) -> str:
    if name in _CHANGING:
        return _CHANGING[name]
    if name in learned:
        return f"(?P={name})"
    learned.append(name)
    return f"(?P<{name}>{next(pattern for end, pattern in _NAMED.items() if name.endswith(end))})"


def _trimmed(text: str) -> str:
    """Without spaces at the ends of lines, which no reader sees."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


class Session:
    """A program that runs one block after the other, and keeps what they set."""

    def __init__(self, command: list[str], line: Callable[[str], str], folder: Path, environment: Mapping[str, str]):
        self._line = line
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=-1, stdout=-1, stderr=-2, text=True, start_new_session=True
        )

    def run(self, text: str) -> str:
        """What the block prints. Fails if the block does."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(self._line(text))
        self._process.stdin.flush()
        printed = ""
        hangs = threading.Timer(_HANGS_SECONDS, os.killpg, (self._process.pid, signal.SIGKILL))
        hangs.start()
        try:
            for line in self._process.stdout:
                if line.strip() == _END:
                    return printed
                printed += line
        finally:
            hangs.cancel()
        raise AssertionError(f"This block failed:\n{text}\n{printed}")

    def close(self) -> None:
        """End the program."""
        self._process.communicate(timeout=START_SECONDS)


def shell(folder: Path, script: Path, environment: Mapping[str, str]) -> Session:
    """A terminal. Its blocks have no input, and one that fails ends it."""

    def line(text: str) -> str:
        script.write_text(text, encoding="utf-8")
        return f". {shlex.quote(str(script))} </dev/null; printf '\\n%s\\n' '{_END}'\n"

    session = Session(["bash", "--noprofile", "--norc"], line, folder, environment)
    session.run("set -eo pipefail")
    return session


def python(folder: Path, environment: Mapping[str, str]) -> Session:
    """A Python session."""
    return Session([sys.executable, "-c", _PYTHON], lambda text: json.dumps(text) + "\n", folder, environment)


class Foreground:
    """A terminal in which a server runs until Ctrl-C."""

    def __init__(self, text: str, url: str, folder: Path, log: Path, environment: Mapping[str, str]):
        self.text, self._log = text, log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                ["bash", "--noprofile", "--norc", "-ec", text],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        try:
            await_answer(self.process, *re.fullmatch(r"(http://[^/]+)(/.*)?", url).groups("/"))  # type: ignore[union-attr]  # a URL
        except AssertionError as error:
            self.end(signal.SIGKILL)
            raise AssertionError(f"{error}\n{text}\n{log.read_text('utf-8')}") from None

    def end(self, sent: signal.Signals = signal.SIGINT) -> None:
        """What Ctrl-C does: a signal to all processes of the terminal."""
        os.killpg(self.process.pid, sent)
        self.process.wait(START_SECONDS)
