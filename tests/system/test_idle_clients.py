"""Clients that stop in the middle: they hold nobody up, and are disconnected when their time is over."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import urllib3

from mlyard.artifacts.bundle import MEDIA_TYPE
from mlyard.artifacts.folders import PARTIAL
from mlyard.hosting.connections import MAX_HEAD
from tests.conftest import START_SECONDS, LiveServer, fetch, free_port, running, until

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
BUNDLE = "/api/2.0/mlflow-artifacts/bundle/folder"
SEARCH = "/api/2.0/mlflow/experiments/search"
MEGABYTE = 1024 * 1024
STALLED = 150
"""More than the threads for pages and for other requests together."""


def port_of(live: LiveServer) -> int:
    return int(live.url.rsplit(":", 1)[1])


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def part_of_an_upload(path: str, sent: int = MEGABYTE + 1) -> bytes:
    return head("PUT", path, f"Content-Length: {2 * MEGABYTE}") + bytes(sent)


@contextmanager
def connected(live: LiveServer, sent: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port_of(live)), timeout=START_SECONDS) as connection:
        connection.sendall(sent)
        yield connection


def rest(connection: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    received = b""
    with suppress(ConnectionResetError):
        while data := connection.recv(MEGABYTE):
            received += data
    return received


def is_held(live: LiveServer, connection: socket.socket) -> bool:
    """Whether the server has its end of a connection open; one that it has left has no inode."""
    ends = [f":{port:04X}" for port in (port_of(live), connection.getsockname()[1])]
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(line[9] != "0" and [line[1][8:], line[2][8:]] == ends for line in lines)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose clients may do nothing for one second."""
    with running(["server"], tmp_path_factory.mktemp("idle"), free_port(), MLYARD_SERVER_IDLE_SECONDS="1") as server:
        yield server


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that disconnects nobody while the tests run."""
    with running(["server"], tmp_path_factory.mktemp("held"), free_port(), MLYARD_SERVER_IDLE_SECONDS="3600") as server:
        yield server


@pytest.mark.parametrize(
    "sent",
    [
        part_of_an_upload(f"{PROXY}/stalled"),
        head("PUT", f"{PROXY}/stalled", "Transfer-Encoding: chunked") + b"200000\r\n" + bytes(MEGABYTE + 1),
        head("PUT", f"{PROXY}/stalled", "Content-Length: 5") + b"x",
        head("POST", BUNDLE, f"Content-Type: {MEDIA_TYPE}", "Content-Length: 5") + b"x",
        head("GET", "/")[:-2],
        b"",
    ],
    ids=["upload", "chunked", "small-upload", "bundle", "head", "nothing"],
)
def test_stalled_clients_hold_nobody_up(patient: LiveServer, sent: bytes) -> None:
    live = patient
    with ExitStack() as stack:
        stalled = [stack.enter_context(connected(live, sent)) for _ in range(STALLED)]
        pool = urllib3.PoolManager(timeout=START_SECONDS, retries=False)
        for size in (10, 3 * MEGABYTE):
            content = os.urandom(size)
            assert pool.request("PUT", f"{live.url}{PROXY}/file", body=content).status == 200
            assert pool.request("GET", f"{live.url}{PROXY}/file").data == content
        for path in ("/", "/health", f"{PROXY}?path="):
            assert pool.request("GET", f"{live.url}{path}").status == 200
        assert pool.request("POST", f"{live.url}{SEARCH}", json={"max_results": 1}).status == 200
        # Nobody waited until they were disconnected: they have no answer yet.
        for connection in stalled:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)


def test_downloads_that_nobody_reads_hold_nobody_up(patient: LiveServer) -> None:
    live = patient
    assert fetch("PUT", f"{live.url}{PROXY}/large", body=bytes(30 * MEGABYTE)).status == 200
    with ExitStack() as stack:
        for _ in range(STALLED):
            stack.enter_context(connected(live, head("GET", f"{PROXY}/large")))
        for path in ("/", "/health", f"{PROXY}?path="):
            assert fetch("GET", f"{live.url}{path}").status == 200
        assert len(fetch("GET", f"{live.url}{PROXY}/large").data) == 30 * MEGABYTE


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET",
        head("GET", "/health")[:-2],
        part_of_an_upload(f"{PROXY}/stalled"),
        part_of_an_upload(f"{PROXY}/stalled", sent=10),
        head("PUT", f"{PROXY}/stalled", "Content-Length: 5", "Expect: 100-continue"),
        head("PUT", f"{PROXY}/stalled", "Transfer-Encoding: chunked") + b"1\r\nx\r\n",
        head("PUT", f"{PROXY}/stalled", "Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\nTrailer: 1\r\n",
        head("POST", SEARCH, "Content-Type: application/json", "Content-Length: 5") + b"{",
    ],
    ids=["nothing", "method", "head", "upload", "small-upload", "continue", "chunked", "trailer", "json"],
)
def test_a_client_that_stops_gets_408(live: LiveServer, sent: bytes) -> None:
    with connected(live, sent) as connection:
        answer = rest(connection).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert live.get(f"{PROXY}/stalled").status == 404
    until(lambda: not list((live.folder / "mlartifacts").rglob(f"{PARTIAL}*")))


def test_a_client_that_stops_in_a_later_request_is_disconnected(live: LiveServer) -> None:
    with connected(live, head("GET", "/health")) as connection:
        assert connection.recv(MEGABYTE).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /heal")
        assert b"HTTP/1.1 408" in rest(connection)


def test_a_head_in_many_pieces_must_be_complete_in_time(live: LiveServer) -> None:
    """A byte now and then does not keep a connection open."""
    with connected(live, b"GET / HTTP/1.1\r\nX-Slow: ") as connection:
        connection.setblocking(False)

        def answered() -> bytes:
            with suppress(BlockingIOError):
                return connection.recv(100)
            connection.send(b"x")
            return b""

        assert until(answered).startswith(b"HTTP/1.1 408")


def test_a_slow_body_is_accepted_as_long_as_pieces_arrive(live: LiveServer) -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(8):
            yield bytes([number])
            time.sleep(0.4)  # this is what is tested: in all, longer than a client may do nothing

    answer = fetch("PUT", f"{live.url}{PROXY}/slow", body=pieces(), headers={"Content-Length": "8"})
    assert answer.status == 200
    assert live.get(f"{PROXY}/slow").data == bytes(range(8))


def test_a_download_that_nobody_reads_is_ended(live: LiveServer) -> None:
    assert fetch("PUT", f"{live.url}{PROXY}/large", body=bytes(30 * MEGABYTE)).status == 200
    with connected(live, head("GET", f"{PROXY}/large")) as connection:
        until(lambda: is_held(live, connection))
        until(lambda: not is_held(live, connection))
        assert len(rest(connection)) < 30 * MEGABYTE
    assert len(live.get(f"{PROXY}/large").data) == 30 * MEGABYTE


def test_a_slow_download_is_finished_as_long_as_pieces_are_read(live: LiveServer) -> None:
    size = 12 * MEGABYTE
    assert fetch("PUT", f"{live.url}{PROXY}/large", body=bytes(size)).status == 200
    received = 0
    for block in fetch("GET", f"{live.url}{PROXY}/large", preload_content=False).stream(MEGABYTE):
        received += len(block)
        time.sleep(0.3)  # this is what is tested: in all, longer than a client may do nothing
    assert received == size


@pytest.mark.parametrize(
    "sent",
    [
        head("GET", "/health", *(f"X-{number}: 1" for number in range(5000))),
        head("GET", "/health", *(f"X-{number}: 1" for number in range(101))),
        head("GET", "/health", f"X-Long: {'x' * 70_000}"),
        head("GET", "/health", *(f"X-{number}: {'x' * 1000}" for number in range(70))),
        head("GET", f"/{'x' * 70_000}"),
        head("GET", "/health", f"X-Long: {'x' * 70_000}")[:-2],
        head("PUT", f"{PROXY}/x", "Transfer-Encoding: chunked") + b"0\r\nX-Long: " + b"x" * 600_000,
        head("PUT", f"{PROXY}/x", "Transfer-Encoding: chunked") + b"1;" + b"x" * 600_000,
    ],
    ids=["5000", "101", "long", "sum", "url", "unfinished", "trailer", "extension"],
)
def test_a_head_that_is_too_large_is_refused(server: LiveServer, sent: bytes) -> None:
    with connected(server) as connection:
        with suppress(ConnectionError):  # the server does not read all of it
            connection.sendall(sent)
        assert connection.recv(100).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert server.get("/health").status == 200


def test_a_large_head_is_accepted(server: LiveServer) -> None:
    most = head("GET", "/health", "Connection: close", *(f"X-{n}: {'x' * (MAX_HEAD // 100)}" for n in range(96)))
    with connected(server, most) as connection:
        assert rest(connection).startswith(b"HTTP/1.1 200")


def test_many_requests_at_once_on_one_connection_are_answered(server: LiveServer) -> None:
    """Each has a head of its own, however large they are together."""
    requests = head("GET", "/health") * 5000 + head("GET", "/health", "Connection: close")
    with connected(server) as connection:
        connection.sendall(requests)
        assert rest(connection).count(b"HTTP/1.1 200") == 5001
