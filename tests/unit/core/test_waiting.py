"""What is shown while something takes its time."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

WAIT = """
import sys, threading
from mlyard.core.waiting import waiting

seen = threading.Event()
write = sys.stderr.write

def note(text):
    write(text)
    if "Making" in text:
        seen.set()

sys.stderr.write = note
with waiting("Making it"):
    assert seen.wait(60) or not sys.stderr.isatty()
    raise SystemExit
"""


def test_a_terminal_shows_what_is_waited_for_and_clears_it_in_the_end() -> None:
    parent, child = pty.openpty()
    subprocess.run([sys.executable, "-c", WAIT], stderr=child, check=True)
    os.close(child)
    shown = os.read(parent, 10_000).decode()
    os.close(parent)
    assert shown.startswith("\x1b[2KMaking it… 1 s\r")
    assert shown.endswith("\x1b[2K")


def test_a_file_gets_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    subprocess.run([sys.executable, "-c", WAIT.replace("60", "0")], check=True)
    assert capfd.readouterr().err == ""
