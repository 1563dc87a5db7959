"""What the route table says about repeating a request, held against the protocol and a server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from mlyard.transport.session import Session
from mlyard.wire.routes import REQUEST_ID, ROUTES, Repeat, Route
from tests.conftest import LiveServer
from tests.lossy import Lossy, lossy
from tests.wire.every_write import WRITING, Things, body_for, content, named, send, state

# With MLflow's servers a repetition of these fails, or leaves two of what should be one.
RECOGNISED_BY_CONTENT = {"POST /runs/log-model", "POST /runs/outputs", "POST /logged-models/{model_id}/params"}


def test_requests_that_read_can_be_repeated() -> None:
    assert {route.repeat for route in ROUTES if route not in WRITING} == {Repeat.HARMLESS}


def test_requests_that_carry_an_id_are_recognised() -> None:
    carrying = {named(route) for route in ROUTES if REQUEST_ID in route.request.__struct_fields__}
    recognised = {named(route) for route in ROUTES if route.repeat is Repeat.IF_RECOGNISED}
    assert recognised == carrying | RECOGNISED_BY_CONTENT
    assert {name for name in map(named, ROUTES) if name.endswith(("/create", "/rename"))} <= carrying


@pytest.fixture(scope="module")
def proxy(server: LiveServer) -> Iterator[Lossy]:
    with lossy(int(server.url.rpartition(":")[2])) as made:
        yield made


@pytest.mark.parametrize("route", WRITING, ids=named)
def test_a_request_whose_answer_is_lost_is_done_once(
    monkeypatch: pytest.MonkeyPatch, server: LiveServer, proxy: Lossy, route: Route[Any, Any]
) -> None:
    """As if nothing had got lost: the same answer, and the same state afterwards. So a route that cannot be repeated,
    or that this file has no request for, fails.
    """
    monkeypatch.setenv("MLYARD_HTTP_REQUEST_MAX_RETRIES", "2")
    undisturbed, disturbed = Things.made(server), Things.made(server)
    before = state(server, undisturbed)
    answer = send(Session(server.url), route, undisturbed)
    session = Session(proxy.url)
    proxy.lose_next()
    assert send(session, route, disturbed) == answer or route.repeat is Repeat.UNTIL_GONE
    assert not proxy.take_back()
    after = state(server, undisturbed)
    assert state(server, disturbed) == after
    assert after != before or route.path == "/runs/heartbeat", "the request changes nothing"


@pytest.mark.parametrize("route", [route for route in WRITING if route.repeat is not Repeat.UNTIL_GONE], ids=named)
def test_a_repetition_changes_nothing(server: LiveServer, route: Route[Any, Any]) -> None:
    things = Things.made(server)
    body = body_for(route, things)
    if REQUEST_ID in route.request.__struct_fields__:
        body[REQUEST_ID] = uuid.uuid4().hex
    path = route.path.format_map(body).removeprefix("/")
    status, first = server.call(route.methods[0], path, body)
    after = state(server, things)
    again, second = server.call(route.methods[0], path, body)
    assert (again, content(second)) == (status, content(first))
    assert (status, state(server, things)) == (200, after)
