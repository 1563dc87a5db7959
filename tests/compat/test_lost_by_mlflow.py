"""Our client, a server of MLflow, and answers that get lost: a request is done once, or fails and says "maybe done".

MLflow's server recognises no repetition.
"""

from __future__ import annotations

from typing import Any

import pytest

from mlyard.core.errors import MlyardError, TemporarilyUnavailable
from mlyard.transport.session import Session
from mlyard.wire.routes import Repeat, Route
from tests.conftest import LiveServer
from tests.lossy import lossy
from tests.wire.every_write import WRITING, Things, named, send, state


def outcome(session: Session, route: Route[Any, Any], things: Things) -> Any:
    """The answer, or what kind of error it is: this server does not know all routes."""
    try:
        return send(session, route, things)
    except TemporarilyUnavailable as error:
        return str(error)
    except MlyardError as error:
        return type(error)


@pytest.mark.parametrize("route", WRITING, ids=named)
def test_a_request_whose_answer_is_lost_is_done_once(
    monkeypatch: pytest.MonkeyPatch, mlflows: LiveServer, route: Route[Any, Any]
) -> None:
    monkeypatch.setenv("MLYARD_HTTP_REQUEST_MAX_RETRIES", "2")
    undisturbed, disturbed = Things.made(mlflows), Things.made(mlflows)
    answer = outcome(Session(mlflows.url), route, undisturbed)
    with lossy(int(mlflows.url.rpartition(":")[2])) as place:
        session = Session(place.url)
        place.lose_next()
        found = outcome(session, route, disturbed)
        assert not place.take_back()
    assert state(mlflows, disturbed) == state(mlflows, undisturbed)
    if route.repeat is Repeat.IF_RECOGNISED:
        assert "It may have done" in found
    elif route.repeat is Repeat.HARMLESS:
        assert found == answer
