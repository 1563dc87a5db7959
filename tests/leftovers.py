"""What a test session leaves behind on the machine."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = "TEST_SESSION"  # a variable that every process of the session inherits
PATIENCE_SECONDS = 60.0


@contextmanager
def nothing_left(temporary: Path) -> Iterator[None]:
    """Temporary files go to ``temporary``; fails if a process that was started inside still runs at the end."""
    session = uuid.uuid4().hex
    before = {name: os.environ.get(name) for name in (MARK, "TMPDIR")}
    os.environ |= {MARK: session, "TMPDIR": str(temporary)}
    tempfile.tempdir = None
    try:
        yield
        _end_spark()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (left := _processes(session)) and time.monotonic() < deadline:
            time.sleep(0.05)  # what was told to end may take a moment
        assert not left, "processes are left:\n" + "\n".join(left)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        tempfile.tempdir = None


def _end_spark() -> None:
    """End the JVM of this process's Spark sessions, which otherwise runs until this process ends."""
    pyspark = sys.modules.get("pyspark")
    gateway = pyspark.SparkContext._gateway if pyspark else None
    if gateway:
        gateway.proc.stdin.close()
        gateway.proc.wait(PATIENCE_SECONDS)


def _processes(session: str) -> list[str]:
    """The command lines of the session's processes other than this one; on systems without /proc, none."""
    mark = f"{MARK}={session}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            if mark in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != os.getpid():
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(f"{folder.name}: {command}")
    return found
