"""Slow clients: large files that take their time, up and down, cut and gone on with."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from tests.conftest import SOAK, START_SECONDS, LiveServer, fetch
from tests.s3 import BUCKET, S3Server

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MEGABYTE = 1024 * 1024
SIZE = (5 * 1024 if SOAK else 15) * MEGABYTE
SECONDS_UP = SIZE / (5 * MEGABYTE)
SECONDS_DOWN = 600 if SOAK else 3
MEMORY = 300 * MEGABYTE


@pytest.fixture(params=["folder", "s3"])
def live(request: pytest.FixtureRequest, start_server: Callable[..., LiveServer], tmp_path: Path) -> LiveServer:
    """A server with a folder for temporary files of its own."""
    (tmp_path / "tmp").mkdir()
    if request.param == "folder":
        return start_server(TMPDIR=str(tmp_path / "tmp"))
    s3: S3Server = request.getfixturevalue("s3")
    destination = f"s3://{BUCKET}/{tmp_path.name}"
    return start_server("--artifacts-destination", destination, TMPDIR=str(tmp_path / "tmp"), **s3.environment)


def paced(blocks: Iterator[bytes], seconds: float, temporary: Path) -> Iterator[bytes]:
    """The blocks at an even pace; nothing is kept in the server's temporary folder meanwhile."""
    start = time.monotonic()
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        assert list(temporary.iterdir()) == []
        # This is what is tested: a client that takes this long.
        time.sleep(max(0.0, start + seconds * done / SIZE - time.monotonic()))


def blocks(digest: hashlib._Hash) -> Iterator[bytes]:
    block = os.urandom(MEGABYTE)
    for number in range(SIZE // MEGABYTE):
        whole = number.to_bytes(8, "big") + block[8:]
        digest.update(whole)
        yield whole


def peak(live: LiveServer) -> int:
    status = Path(f"/proc/{live.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


def test_a_slow_upload_and_a_slow_download_that_is_cut(live: LiveServer, tmp_path: Path) -> None:
    sent, received, temporary = hashlib.sha256(), hashlib.sha256(), tmp_path / "tmp"
    url = f"{live.url}{PROXY}/large"
    headers = {"Content-Length": str(SIZE)}
    upload = fetch("PUT", url, body=paced(blocks(sent), SECONDS_UP, temporary), headers=headers, timeout=START_SECONDS)
    assert upload.status == 200, upload.data

    cut, place = SIZE // 3, 0
    first = urllib3.PoolManager(timeout=START_SECONDS).request("GET", url, preload_content=False)
    for block in paced(first.stream(MEGABYTE), SECONDS_DOWN, temporary):
        received.update(block[: cut - place])
        place = min(cut, place + len(block))
        if place == cut:
            break
    first.close()  # in the middle of an answer
    rest = fetch("GET", url, headers={"Range": f"bytes={cut}-"}, preload_content=False)
    assert (rest.status, rest.headers["Content-Range"]) == (206, f"bytes {cut}-{SIZE - 1}/{SIZE}")
    for block in paced(rest.stream(MEGABYTE), SECONDS_DOWN, temporary):
        received.update(block)
    assert received.hexdigest() == sent.hexdigest()
    assert peak(live) < MEMORY or not SOAK  # the short form's file would fit in
    assert list(temporary.iterdir()) == []
