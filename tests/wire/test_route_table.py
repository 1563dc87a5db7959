"""What the route table says about repeating a request, held against the protocol and a server."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from mlyard.transport.session import Session
from mlyard.wire.message import decode_fields
from mlyard.wire.routes import REQUEST_ID, ROUTES, Repeat, Route
from tests.conftest import LiveServer
from tests.lossy import Lossy, lossy

READING = re.compile(r"/(get|list|search|presigned)[\w-]*$")
# With MLflow's servers a repetition of these fails, or leaves two of what should be one.
RECOGNISED_BY_CONTENT = {"POST /runs/log-model", "POST /runs/outputs", "POST /logged-models/{model_id}/params"}


def named(route: Route[Any, Any]) -> str:
    return f"{route.methods[0]} {route.path}"


WRITING = [route for route in ROUTES if "GET" not in route.methods and not READING.search(route.path)]


def test_requests_that_read_can_be_repeated() -> None:
    assert {route.repeat for route in ROUTES if route not in WRITING} == {Repeat.HARMLESS}


def test_requests_that_carry_an_id_are_recognised() -> None:
    carrying = {named(route) for route in ROUTES if REQUEST_ID in route.request.__struct_fields__}
    recognised = {named(route) for route in ROUTES if route.repeat is Repeat.IF_RECOGNISED}
    assert recognised == carrying | RECOGNISED_BY_CONTENT
    assert {name for name in map(named, ROUTES) if name.endswith(("/create", "/rename"))} <= carrying


@dataclass(frozen=True)
class Things:
    experiment: str
    deleted_experiment: str
    run: str
    deleted_run: str
    model: str
    logged_model: str

    @classmethod
    def made(cls, server: LiveServer) -> Things:
        """One of each thing, with a tag ``t/1``; a second experiment and a second run are deleted."""
        name, tags = f"n-{uuid.uuid4().hex}", [{"key": "t/1", "value": "v"}]
        experiment, deleted = (
            post(server, "experiments/create", {"name": f"{name}{end}", "tags": tags})["experiment_id"]
            for end in ("", "-deleted")
        )
        post(server, "experiments/delete", {"experiment_id": deleted})
        run, deleted_run = (
            post(server, "runs/create", {"experiment_id": experiment, "run_name": "r", "tags": tags})["run"]["info"]
            for _ in range(2)
        )
        post(server, "runs/delete", {"run_id": deleted_run["run_id"]})
        post(server, "registered-models/create", {"name": name, "tags": tags})
        source = {"source": run["artifact_uri"], "run_id": run["run_id"]}
        post(server, "model-versions/create", {"name": name, "tags": tags, **source})
        post(server, "registered-models/alias", {"name": name, "alias": "a", "version": "1"})
        new = {"experiment_id": experiment, "name": "m", "tags": tags}
        logged = post(server, "logged-models", new)["model"]["info"]["model_id"]
        return cls(experiment, deleted, run["run_id"], deleted_run["run_id"], name, logged)


def post(server: LiveServer, path: str, body: dict[str, Any]) -> Any:
    status, answer = server.call("POST", path, body)
    assert status == 200, answer
    return answer


def body_for(route: Route[Any, Any], things: Things) -> dict[str, Any]:
    """A request that can be sent to the route: every field that is required, and a few more."""
    values: dict[str, Any] = {
        "experiment_id": things.experiment,
        "run_id": things.run,
        "name": things.model,
        "version": "1",
        "key": "k",
        "value": "1",
        "timestamp": 1,
        "new_name": f"{things.model}-new",
        "status": "FINISHED",
        "description": "d",
        "seconds": 60,
        "path": "file",
        "source": f"runs:/{things.run}/model",
        "tags": [{"key": "k", "value": "1"}],
        "params": [{"key": "p", "value": "1"}],
        "alias": "a",
        "models": [{"model_id": things.logged_model}],
        "model_json": '{"run_id": "r", "artifact_path": "m", "utc_time_created": "now", "flavors": {}}',
        "run_name": "r",
        "stage": "Staging",
        "archive_existing_versions": True,
        "tag_key": "t/1",
    }
    if route.path == "/runs/log-batch":
        values["metrics"] = [{"key": "m", "value": 1.5, "timestamp": 1}]
    if route.path.startswith("/logged-models"):
        values |= {"model_id": things.logged_model, "status": "LOGGED_MODEL_READY"}
    if route.path.endswith(("delete-tag", "delete-experiment-tag")):
        values["key"] = "t/1"
    if named(route) == "POST /registered-models/alias":
        values["alias"] = "b"
    if route.path in {"/experiments/create", "/registered-models/create"}:
        values["name"] = f"{things.model}-new"
    if route.path.endswith("/restore"):
        values |= {"run_id": things.deleted_run, "experiment_id": things.deleted_experiment}
    return {name: values[name] for name in route.request.__struct_fields__ if name in values}


def state(server: LiveServer, things: Things) -> Any:
    """All that a request of these tests can change, as it is for any other such things."""
    named_so, any_view = f"name LIKE '{things.model}%'", "view_type=ALL"
    experiments = [things.experiment, things.deleted_experiment]
    reads: list[tuple[str, str, Any]] = [
        ("GET", f"experiments/search?{any_view}&filter={quote(named_so)}", None),
        ("POST", "runs/search", {"experiment_ids": experiments, "run_view_type": "ALL"}),
        ("GET", f"metrics/get-history?run_id={things.run}&metric_key=k", None),
        ("GET", f"metrics/get-history?run_id={things.run}&metric_key=m", None),
        ("GET", f"registered-models/search?filter={quote(named_so)}", None),
        ("GET", f"model-versions/search?filter={quote(named_so)}", None),
        ("POST", "logged-models/search", {"experiment_ids": experiments}),
    ]
    answers = [server.call(*read) for read in reads]
    assert [status for status, _ in answers] == [200] * len(reads)
    return [content(answer) for _, answer in answers]


PASSING = re.compile(r"last_update|(^|_)(creation_)?time(stamp)?(_ms)?$|experiment_id$|token$")
RANDOM = re.compile(r"[0-9a-f]{32}|/\d+(?=/|$)")


def content(answer: Any) -> Any:
    """An answer without the order of its lists, and without times and ids, which differ from thing to thing."""
    if isinstance(answer, dict):
        return {key: content(value) for key, value in answer.items() if not PASSING.search(key)}
    if isinstance(answer, list):
        return sorted((content(each) for each in answer), key=repr)
    return RANDOM.sub("#", answer) if isinstance(answer, str) else answer


def send(session: Session, route: Route[Any, Any], things: Things) -> Any:
    """The route's answer, as it is for any other such things."""
    return content(msgspec.to_builtins(session.call(route, decode_fields(body_for(route, things), route.request))))


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
