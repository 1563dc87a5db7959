"""Which hosts and origins a policy allows, and what the guard adds to answers or sends in their place."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest
from starlette.types import Message, Receive, Scope, Send

from mlyard.server.security import Guard, Policy
from tests.conftest import finished


@pytest.fixture(autouse=True)
def _uncached() -> None:
    """What a policy has answered to an earlier test is not what this one asks for."""
    Policy.allows_host.cache_clear()


DEFAULT = Policy()
ALL = Policy(hosts=("*",), origins=("*",))
NAMED = Policy(hosts=("yard.example", "yard.example:8443"), origins=("https://app.example",))
ADDED = {b"x-frame-options": b"SAMEORIGIN", b"referrer-policy": b"same-origin", b"vary": b"Origin"}
ALLOWED_ORIGIN = b"access-control-allow-origin"


@pytest.mark.parametrize(
    ("policy", "host", "allowed"),
    [
        (DEFAULT, "localhost", True),
        (DEFAULT, "localhost:5000", True),
        (DEFAULT, "LOCALHOST", True),
        (DEFAULT, "127.0.0.1:5000", True),
        (DEFAULT, "[::1]:5000", True),
        (DEFAULT, "192.0.2.7", True),
        (DEFAULT, "[2001:db8::7]:80", True),
        (DEFAULT, "yard.example", False),
        (DEFAULT, "localhost.evil.example", False),
        (DEFAULT, "", False),
        (DEFAULT, "[::1", False),
        (NAMED, "yard.example", True),
        (NAMED, "yard.example:5000", True),
        (NAMED, "evil.example", False),
        (NAMED, "", False),
        (Policy(hosts=("yard.example:8443",)), "yard.example:8443", True),
        (Policy(hosts=("yard.example:8443",)), "yard.example:9000", False),
        (ALL, "evil.example", True),
    ],
)
def test_hosts(policy: Policy, host: str, allowed: bool) -> None:
    assert policy.allows_host(host) is allowed


@pytest.mark.parametrize(
    ("policy", "origin", "allowed"),
    [
        (DEFAULT, "http://localhost:5000", True),
        (DEFAULT, "https://localhost:5000", True),
        (DEFAULT, "http://localhost", False),
        (DEFAULT, "ftp://localhost:5000", False),
        (DEFAULT, "null", False),
        (NAMED, "https://app.example", True),
        (NAMED, "http://app.example", False),
        (NAMED, "http://localhost:5000", True),
        (ALL, "http://evil.example", True),
    ],
)
def test_origins_of_pages_that_call_a_server_as_localhost(policy: Policy, origin: str, allowed: bool) -> None:
    assert policy.allows_origin(origin, "localhost:5000") is allowed


@dataclass
class Answer:
    """What reached the client."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            assert message["type"] == "http.response.body"
            self.body += message["body"]


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": scope["type"].encode() + (await receive())["body"]})


def call(policy: Policy, path: str = "/x", method: str = "GET", kind: str = "http", **headers: str) -> Answer:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"!", "more_body": False}

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = Answer()
    scope = {"type": kind, "path": path, "method": method, "headers": pairs}
    finished(Guard(_app, policy)(scope, receive, answer.take))
    return answer


def test_an_answer_gets_the_headers_that_protect_it() -> None:
    answer = call(DEFAULT, host="localhost")
    assert (answer.status, answer.body) == (200, b"http!")
    assert answer.headers == {b"content-type": b"text/plain", **ADDED}


def test_a_page_of_the_server_itself_may_call_it() -> None:
    answer = call(DEFAULT, host="localhost:5000", origin="http://localhost:5000")
    assert (answer.status, answer.body) == (200, b"http!")


def test_an_answer_to_a_page_names_its_origin() -> None:
    answer = call(NAMED, host="yard.example", origin="https://app.example")
    assert answer.headers == {b"content-type": b"text/plain", **ADDED, ALLOWED_ORIGIN: b"https://app.example"}


def test_a_page_learns_what_it_may_send() -> None:
    answer = call(NAMED, method="OPTIONS", host="yard.example", origin="https://app.example")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers == ADDED | {
        ALLOWED_ORIGIN: b"https://app.example",
        b"access-control-allow-methods": b"GET, POST, PUT, PATCH, DELETE",
        b"access-control-allow-headers": b"authorization, content-type",
        b"access-control-max-age": b"600",
    }


def test_options_without_an_origin_go_to_the_application() -> None:
    assert call(DEFAULT, method="OPTIONS", host="localhost").body == b"http!"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"host": "evil.example"},
            "This server does not accept requests for the host 'evil.example'. Allow it with --allowed-hosts.",
        ),
        ({}, "This server does not accept requests for the host ''. Allow it with --allowed-hosts."),
        (
            {"host": "localhost", "origin": "null"},
            "Pages of 'null' may not call this server. Allow them with --cors-allowed-origins.",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_refusal_says_which_option_allows_it(headers: dict[str, str], message: str, method: str) -> None:
    answer = call(NAMED, method=method, **headers)
    assert (answer.status, ALLOWED_ORIGIN in answer.headers) == (403, False)
    assert msgspec.json.decode(answer.body) == {"error_code": "PERMISSION_DENIED", "message": message}


def test_health_is_open_to_any_host_and_stays_plain() -> None:
    answer = call(DEFAULT, path="/health", host="evil.example")
    assert (answer.status, answer.headers) == (200, {b"content-type": b"text/plain"})


def test_what_is_not_a_request_goes_to_the_application() -> None:
    assert call(DEFAULT, kind="lifespan").body == b"lifespan!"
