"""Servers of several processes whose parent gets children that it did not start, as in a container."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import START_SECONDS, await_answer, clean_environment, end, fetch, free_port, until

# What the first process of a container is by itself: the parent of processes whose own parent has ended.
WRAPPER = """
import ctypes, os, sys
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
if os.fork() == 0:
    if os.fork() == 0:
        os.execvp("cat", ["cat"])  # until the test closes its input
    os._exit(0)
os.wait()
os.execv(sys.executable, [sys.executable, "-m", "mlyard", *sys.argv[1:]])
"""
Server = tuple["subprocess.Popen[bytes]", str]


@pytest.fixture(params=["tracking", "scoring"])
def start(request: pytest.FixtureRequest, tmp_path: Path, folders: dict[str, Path]) -> Iterator[Callable[[], Server]]:
    kinds = {"tracking": ["server"], "scoring": ["models", "serve", "-m", str(folders["plain"])]}
    with ExitStack() as stack:
        yield lambda: stack.enter_context(adopting([*kinds[request.param], "--workers", "2"], tmp_path))


@contextmanager
def adopting(arguments: list[str], folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-c", WRAPPER, *arguments, "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=clean_environment(), stdin=subprocess.PIPE) as process:
        try:
            await_answer(process, f"http://127.0.0.1:{port}")
            until(lambda: len(children(process.pid)) == 3)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            end(process)


def children(pid: int) -> dict[int, str]:
    """The children of a process, with the names of their programs."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child): Path(f"/proc/{child}/comm").read_text().strip() for child in found}


def test_the_end_of_a_child_that_it_did_not_start_ends_no_server(start: Callable[[], Server]) -> None:
    process, url = start()
    before = children(process.pid)
    assert process.stdin
    process.stdin.close()
    after = until(lambda: (now := children(process.pid)) != before and now)
    assert after == {pid: name for pid, name in before.items() if name != "cat"}
    assert fetch("GET", f"{url}/health").status == 200
    process.terminate()
    assert process.wait(START_SECONDS) == 0


def test_a_server_does_not_wait_for_a_child_that_it_did_not_start(start: Callable[[], Server]) -> None:
    process, _ = start()
    process.terminate()
    assert process.wait(START_SECONDS) == 0
