"""When the client sends a request again, and how long it waits before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.transport import retry
from mlyard.transport.session import Session

Answer = tuple[int, dict[str, str]]
GONE: Answer = (0, {})
"""In place of an answer: the connection is closed once the request has arrived."""


class Scripted(ThreadingHTTPServer):
    """Gives the answers of a list, one a request; 200 after the last."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.served = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.served += 1
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "2"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing: the tests tell what happened."""


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Scripted]]:
    monkeypatch.setenv("MLYARD_HTTP_REQUEST_MAX_RETRIES", "5")
    started: list[Scripted] = []

    def start(*answers: Answer) -> Scripted:
        server = Scripted(list(answers))
        started.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(scripted: Callable[..., Scripted], status: int) -> None:
    server = scripted((status, {"Retry-After": "1"}))
    started = time.monotonic()
    assert Session(server.url).request("POST", "/x", b"{}").status == 200
    assert time.monotonic() - started >= 1
    assert server.served == 2


def test_an_answer_that_asks_for_nothing_is_followed_up_soon(scripted: Callable[..., Scripted]) -> None:
    server = scripted((502, {"Retry-After": "25"}), (503, {"Retry-After": "soon"}), (429, {}))
    started = time.monotonic()
    assert Session(server.url).request("POST", "/x", b"{}", idempotent=True).status == 200
    assert time.monotonic() - started < 10
    assert server.served == 4


@pytest.mark.parametrize("status", [502, 504])
def test_a_request_that_a_proxy_got_no_answer_to_is_repeated_only_where_that_does_no_harm(
    scripted: Callable[..., Scripted], status: int
) -> None:
    server = scripted((status, {}))
    assert Session(server.url).request("POST", "/x", b"{}", idempotent=True).status == 200
    assert server.served == 2
    server = scripted((status, {}))
    with pytest.raises(MlyardError):
        Session(server.url).request("POST", "/x", b"{}")
    assert server.served == 1


def test_other_errors_are_raised_at_once(scripted: Callable[..., Scripted]) -> None:
    server = scripted((500, {"Retry-After": "1"}))
    with pytest.raises(MlyardError):
        Session(server.url).request("POST", "/x", b"{}")
    assert server.served == 1


def test_a_request_without_an_answer_is_repeated_only_where_that_does_no_harm(
    scripted: Callable[..., Scripted],
) -> None:
    server = scripted(GONE)
    assert Session(server.url).request("POST", "/x", b"{}", idempotent=True).status == 200
    assert server.served == 2
    server = scripted(GONE)
    with pytest.raises(TemporarilyUnavailable):
        Session(server.url).request("POST", "/x", b"{}")
    assert server.served == 1


def test_the_pause_grows_and_has_an_end() -> None:
    assert all(0 <= retry.pause(1) <= 0.2 for _ in range(100))
    assert max(retry.pause(8) for _ in range(100)) > 0.2
    assert all(retry.pause(20) <= 30 for _ in range(100))
    assert all(30 <= retry.pause(1, asked=3600) <= 31 for _ in range(100))


def asked(text: str) -> float:
    return retry.retry_after(urllib3.HTTPResponse(status=503, headers={"Retry-After": text}))


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("", 0), ("-3", 0), ("a while", 0)]
)
def test_the_time_asked_for_is_read_as_a_number(text: str, seconds: float) -> None:
    assert asked(text) == seconds


def test_the_time_asked_for_is_read_as_a_date() -> None:
    assert 50 < asked(formatdate(time.time() + 60, usegmt=True)) <= 60


@pytest.mark.parametrize(
    "text", ["9" * 5000, "Thu, 01 Jan 10000 00:00:00 GMT", f"Thu, 01 Jan {'9' * 20} 00:00:00 GMT", "inf", "nan"]
)
def test_a_time_that_cannot_be_represented_is_ignored(text: str) -> None:
    assert asked(text) == 0
