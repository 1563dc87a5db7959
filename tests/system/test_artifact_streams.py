"""Files larger than memory through the server, and uploads and servers that end in the middle."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3

from tests.conftest import SOAK, LiveServer, fetch, until
from tests.s3 import BUCKET, S3Server

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MPU = "/api/2.0/mlflow-artifacts/mpu"
MEGABYTE = 1024 * 1024
# For the parts of a file that are on their way at once, and their copies; the file is twice that, or more.
ROOM = 150 * MEGABYTE
LARGE = 5 * 1024 * MEGABYTE if SOAK else 2 * ROOM


@pytest.fixture(params=["folder", "s3"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """The options and the environment of a server with an artifacts destination of its own."""
    if request.param == "folder":
        return [], {}
    s3: S3Server = request.getfixturevalue("s3")
    return ["--artifacts-destination", f"s3://{BUCKET}/{tmp_path.name}"], s3.environment


@pytest.fixture
def live(
    destination: tuple[list[str], dict[str, str]], start_server: Callable[..., LiveServer], tmp_path: Path
) -> LiveServer:
    (tmp_path / "tmp").mkdir()
    return start_server(*destination[0], TMPDIR=str(tmp_path / "tmp"), **destination[1])


def blocks(size: int) -> Iterator[bytes]:
    """A file that no two blocks of are alike."""
    block = os.urandom(MEGABYTE)
    for number in range(size // MEGABYTE):
        yield number.to_bytes(8, "big") + block[8:]


def names(live: LiveServer) -> list[str]:
    answer = live.get(f"{PROXY}?path=").json()
    return [f["path"] for f in answer.get("files", [])]


def peak(live: LiveServer) -> int:
    """The most memory that the server has had, in bytes."""
    status = Path(f"/proc/{live.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


def half_an_upload(live: LiveServer, path: str) -> socket.socket:
    """A connection that has sent 30 MB of 60; what was sent is in the server's hands."""
    address = urlsplit(live.url)
    connection = socket.create_connection((address.hostname, address.port))
    head = f"PUT {PROXY}/{path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {60 * MEGABYTE}\r\n\r\n"
    connection.sendall(head.encode())
    for block in blocks(30 * MEGABYTE):
        connection.sendall(block)
    return connection


def test_memory_and_temporary_files_do_not_grow_with_the_file(live: LiveServer, tmp_path: Path) -> None:
    sent, received = hashlib.sha256(), hashlib.sha256()

    def body() -> Iterator[bytes]:
        for block in blocks(LARGE):
            sent.update(block)
            yield block

    before = peak(live)
    assert fetch("PUT", f"{live.url}{PROXY}/large", body=body()).status == 200
    answer = fetch("GET", f"{live.url}{PROXY}/large", preload_content=False)
    assert int(answer.headers["Content-Length"]) == LARGE
    for block in answer.stream(MEGABYTE):
        received.update(block)
    assert received.digest() == sent.digest()
    assert peak(live) - before < ROOM
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_broken_upload_leaves_what_was_there_and_nothing_else(
    live: LiveServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fetch("PUT", f"{live.url}{PROXY}/old", body=b"old")
    for path in ("old", "new"):
        half_an_upload(live, path).close()
    s3: S3Server | None = request.getfixturevalue("s3") if not (tmp_path / "mlartifacts").exists() else None
    if s3:
        until(lambda: not [key for key in s3.uploads() if key.startswith(tmp_path.name)])
    else:
        until(lambda: [p.name for p in (tmp_path / "mlartifacts").iterdir()] == ["old"])
    assert names(live) == ["old"]
    assert live.get(f"{PROXY}/old").data == b"old"


def test_a_server_that_is_killed_in_an_upload_leaves_what_was_there(
    live: LiveServer, destination: tuple[list[str], dict[str, str]], start_server: Callable[..., LiveServer]
) -> None:
    fetch("PUT", f"{live.url}{PROXY}/old", body=b"old")
    halves = [half_an_upload(live, path) for path in ("old", "new")]
    live.stop(signal.SIGKILL)
    for half in halves:
        half.close()
    again = start_server(*destination[0], **destination[1])
    assert names(again) == ["old"]
    assert again.get(f"{PROXY}/old").data == b"old"
    assert again.get(f"{PROXY}/new").status == 404


def test_parts_of_a_file(live: LiveServer) -> None:
    fetch("PUT", f"{live.url}{PROXY}/digits", body=b"0123456789")
    part = live.get(f"{PROXY}/digits", Range="bytes=2-5")
    assert (part.status, part.data, part.headers["Content-Range"]) == (206, b"2345", "bytes 2-5/10")
    rest = live.get(f"{PROXY}/digits", Range="bytes=7-")
    assert (rest.status, rest.data, rest.headers["Content-Length"]) == (206, b"789", "3")
    beyond = live.get(f"{PROXY}/digits", Range="bytes=10-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, "bytes */10")
    for odd in ("bytes=5-2", "bytes=-", "lines=1-2", "bytes=1-2,4-5", "bytes=a-b", f"bytes={'9' * 30}-"):
        assert (live.get(f"{PROXY}/digits", Range=odd).status, odd) == (200, odd)


def post(live: LiveServer, path: str, body: dict[str, object]) -> urllib3.BaseHTTPResponse:
    return fetch("POST", f"{live.url}{MPU}/{path}", json=body)


def test_an_upload_in_parts(s3_backed_server: LiveServer, s3: S3Server) -> None:
    """A part that fails is sent again alone; a file in parts lies where the same file sent whole lies."""
    live, size = s3_backed_server, 5 * MEGABYTE
    begun = post(live, "create/parts/folder", {"path": "/home/ann/a b.bin", "num_parts": 5}).json()
    assert [c["part_number"] for c in begun["credentials"]] == [1, 2, 3, 4, 5]
    done = []
    for number, credential in enumerate(begun["credentials"], start=1):
        if number == 3:
            refused = fetch("PUT", credential["url"].replace("Signature=", "Signature=0"), body=b"x")
            assert refused.status == 403
        answer = fetch("PUT", credential["url"], body=bytes([number]) * size)
        done.append({"part_number": number, "etag": answer.headers["ETag"], "url": credential["url"]})
    assert "proxied/parts/folder/a b.bin" not in s3.objects("proxied/parts/")
    ended = post(live, "complete/parts/folder", {"path": "a b.bin", "upload_id": begun["upload_id"], "parts": done})
    assert ended.status == 200
    assert s3.objects("proxied/parts/") == {"proxied/parts/folder/a b.bin": 5 * size}
    fetch("PUT", f"{live.url}{PROXY}/parts/folder/a%20b.bin", body=b"whole")
    assert s3.objects("proxied/parts/") == {"proxied/parts/folder/a b.bin": 5}


def test_an_upload_in_parts_that_is_given_up(s3_backed_server: LiveServer, s3: S3Server) -> None:
    live = s3_backed_server
    begun = post(live, "create/given-up", {"path": "x.bin", "num_parts": 2}).json()
    fetch("PUT", begun["credentials"][0]["url"], body=b"1" * MEGABYTE)
    assert "proxied/given-up/x.bin" in s3.uploads()
    again = {"path": "x.bin", "upload_id": begun["upload_id"]}
    assert post(live, "abort/given-up", again).status == 200
    assert "proxied/given-up/x.bin" not in s3.uploads()
    assert s3.objects("proxied/given-up") == {}
    assert post(live, "complete/given-up", {**again, "parts": []}).status in {400, 404}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("create/a", {"path": "..", "num_parts": 1}, 400),
        ("create/a", {"path": "", "num_parts": 1}, 400),
        ("create/..%2fa", {"path": "x", "num_parts": 1}, 400),
        ("create/a", {"path": "x", "num_parts": 0}, 400),
        ("create/a", {"path": "x", "num_parts": 10_001}, 400),
        ("complete/a", {"path": "x"}, 400),
        ("abort/a", {"path": "x", "upload_id": "none"}, 404),
    ],
)
def test_uploads_in_parts_that_make_no_sense(
    s3_backed_server: LiveServer, s3: S3Server, path: str, body: dict[str, object], status: int
) -> None:
    before = s3.objects(), s3.uploads()
    assert post(s3_backed_server, path, body).status == status
    assert (s3.objects(), s3.uploads()) == before
