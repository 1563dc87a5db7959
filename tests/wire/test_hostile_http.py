"""Requests that no client would send: refused or cut off, while others are served."""

from __future__ import annotations

import contextlib
import socket

import pytest
import urllib3

from mlyard.server.api import MAX_BODY
from tests.conftest import START_SECONDS, LiveServer

PATH = "/api/2.0/mlflow/experiments/search"
JSON = "Content-Type: application/json"


def send(server: LiveServer, *lines: str, body: bytes = b"") -> bytes:
    """One raw request; the start of the answer, b'' when the connection was closed without one."""
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        with contextlib.suppress(ConnectionResetError):
            return connection.recv(65536)
    return b""


def refused(answer: bytes) -> bool:
    return answer == b"" or answer.split()[1][:1] == b"4"


@pytest.mark.parametrize(
    "lines",
    [
        [f"POST {PATH} HTTP/1.1", "Host: localhost", JSON, "Content-Length: 2", "Transfer-Encoding: chunked"],
        [f"POST {PATH} HTTP/1.1", "Host: localhost", JSON, "Content-Length: 2", "Content-Length: 3"],
        [f"POST {PATH} HTTP/1.1", "Host: localhost", JSON, "Content-Length: -1"],
        [f"GET {PATH} HTTP/1.1", "Host: localhost", f"X-Long: {'x' * 70_000}"],
        [f"GET {PATH} HTTP/1.1", "Host: localhost\x00"],
        ["NONSENSE"],
        [f"GET {PATH} HTTP/1.1", "Host: evil.example"],
        [f"GET {PATH} HTTP/1.1", "Host:"],
        [f"GET {PATH} HTTP/1.1"],
        [f"POST {PATH} HTTP/1.1", "Host: localhost", "Origin: null", JSON, "Content-Length: 0"],
    ],
    ids=[
        "both-lengths",
        "two-lengths",
        "negative",
        "long-header",
        "nul",
        "nonsense",
        "host",
        "empty",
        "none",
        "origin",
    ],
)
def test_a_malformed_or_strange_request_is_refused(server: LiveServer, lines: list[str]) -> None:
    assert refused(send(server, *lines, body=b"{}"))
    assert server.get("/health").status == 200


def test_a_huge_body_is_refused_before_it_is_read(server: LiveServer) -> None:
    length = f"Content-Length: {MAX_BODY + 1}"
    answer = send(server, "POST /api/2.0/mlflow/experiments/create HTTP/1.1", "Host: localhost", JSON, length)
    assert answer.split()[1] == b"413"


def test_half_sent_bodies_hold_nobody_up(server: LiveServer) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    start = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: 1000\r\n\r\n{{".encode()
    with contextlib.ExitStack() as stack:
        halves = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(200)]
        for half in halves:
            half.sendall(start)
        pool = urllib3.PoolManager(timeout=START_SECONDS, retries=False)
        for _ in range(10):
            assert pool.request("POST", f"{server.url}{PATH}", json={"max_results": 1}).status == 200
        # Nobody waited for them to be given up: they are there still, and have no answer.
        for half in halves:
            half.setblocking(False)
            with pytest.raises(BlockingIOError):
                half.recv(1)


def test_nesting_is_bounded(server: LiveServer) -> None:
    body = b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    status, answer = server.call("POST", "experiments/create", body)
    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    "absurd",
    [
        " AND ".join(["metrics.a > 1"] * 700),
        "(" * 3000 + "metrics.a > 1" + ")" * 3000,
        "NOT " * 2400 + "metrics.a > 1",
        "tags.a LIKE '" + "%a" * 4900 + "'" + " OR tags.b = '1'" * 50,
        "metrics.a > 1 OR " * 500 + "metrics.a > 1",
    ],
    ids=["many", "deep", "negated", "wild", "either"],
)
def test_an_absurd_filter_is_refused(server: LiveServer, absurd: str) -> None:
    status, answer = server.call("POST", "runs/search", {"experiment_ids": ["0"], "filter": absurd})
    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert server.get("/health").status == 200
