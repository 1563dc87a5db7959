"""When the client sends a request again, and how long it waits before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from mlyard.core.errors import DoesNotExist, EndpointNotFound, InvalidParameter, MlyardError, TemporarilyUnavailable
from mlyard.transport import retry
from mlyard.transport.session import Session
from mlyard.wire.errors import encode_error
from mlyard.wire.message import encode
from mlyard.wire.routes import Repeat
from mlyard.wire.server_info import ServerInfo

Answer = tuple[int, dict[str, str]] | tuple[int, dict[str, str], bytes]
LOST: Answer = (0, {})
"""In place of an answer: the connection is closed once the request has arrived."""
NOT_FOUND: Answer = (404, {}, encode_error(DoesNotExist("No such thing")))


class Scripted(ThreadingHTTPServer):
    """Gives the answers of a list, one a POST; 200 after the last. GET gets ``info``, or 404 if it is empty."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.served = 0
        self.asked = 0
        self.info = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.served += 1
        status, headers, *body = self.server.answers.pop(0) if self.server.answers else (200, {})
        if not status:
            self.close_connection = True
            return
        self._answer(status, headers, body[0] if body else b"{}")

    def do_GET(self) -> None:
        self.server.asked += 1
        self._answer(200 if self.server.info else 404, {}, self.server.info or b"<html>")

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

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
    assert Session(server.url).request("POST", "/x", b"{}").status == 200
    assert time.monotonic() - started < 10
    assert server.served == 4


UNKNOWN: list[Answer] = [LOST, (502, {}), (504, {})]
"""After these, nobody knows whether the request was done."""


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_a_request_without_an_answer_is_repeated(scripted: Callable[..., Scripted], unknown: Answer) -> None:
    server = scripted(unknown, unknown)
    assert Session(server.url).request("POST", "/x", b"{}").status == 200
    assert (server.served, server.asked) == (3, 0)


@pytest.mark.parametrize("unknown", UNKNOWN)
@pytest.mark.parametrize("info", [b"", b"<html>", b'{"store_type":"SqlStore"}'])
def test_one_that_must_be_recognised_is_not_repeated_to_a_server_that_does_not_say_so(
    scripted: Callable[..., Scripted], unknown: Answer, info: bytes
) -> None:
    server = scripted(unknown)
    server.info = info
    with pytest.raises(MlyardError, match="may have done" if unknown is LOST else str(unknown[0])):
        Session(server.url).request("POST", "/x", b"{}", repeat=Repeat.IF_RECOGNISED)
    assert (server.served, server.asked) == (1, 1)


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_one_that_is_recognised_is_repeated(scripted: Callable[..., Scripted], unknown: Answer) -> None:
    """The server is asked once for all requests."""
    server = scripted(unknown, unknown)
    server.info = encode(ServerInfo(recognises_repetitions=True))
    session = Session(server.url)
    for _ in range(2):
        assert session.request("POST", "/x", b"{}", repeat=Repeat.IF_RECOGNISED).status == 200
    assert (server.served, server.asked) == (4, 1)


def test_a_server_that_refuses_has_done_nothing(scripted: Callable[..., Scripted]) -> None:
    server = scripted((503, {}), (429, {}), (408, {}))
    assert Session(server.url).request("POST", "/x", b"{}", repeat=Repeat.IF_RECOGNISED).status == 200
    assert (server.served, server.asked) == (4, 0)


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_what_a_repetition_does_not_find_is_gone(scripted: Callable[..., Scripted], unknown: Answer) -> None:
    server = scripted(unknown, (503, {}), NOT_FOUND)
    Session(server.url).request("POST", "/x", b"{}", repeat=Repeat.UNTIL_GONE)
    assert server.served == 3


@pytest.mark.parametrize(
    "answers",
    [
        (NOT_FOUND,),
        ((503, {}), NOT_FOUND),
        (LOST, (404, {}, encode_error(EndpointNotFound("No such page")))),
        (LOST, (404, {}, b"<html>")),
        (LOST, (404, {}, b"{}")),
        (LOST, (400, {}, encode_error(InvalidParameter("No")))),
    ],
)
def test_other_answers_do_not_say_that_it_is_gone(scripted: Callable[..., Scripted], answers: list[Answer]) -> None:
    server = scripted(*answers)
    with pytest.raises(MlyardError):
        Session(server.url).request("POST", "/x", b"{}", repeat=Repeat.UNTIL_GONE)
    assert server.served == len(answers)


def test_a_request_is_not_repeated_for_ever(scripted: Callable[..., Scripted]) -> None:
    server = scripted(*[LOST] * 9)
    with pytest.raises(TemporarilyUnavailable, match="may have done"):
        Session(server.url).request("POST", "/x", b"{}")
    assert server.served == 6


def test_other_errors_are_raised_at_once(scripted: Callable[..., Scripted]) -> None:
    server = scripted((500, {"Retry-After": "1"}))
    with pytest.raises(MlyardError):
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
