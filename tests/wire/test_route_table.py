"""What the route table says about repeating a request, held against the protocol and a server."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from mlyard.wire.routes import REQUEST_ID, ROUTES, Route
from tests.conftest import LiveServer

READING = re.compile(r"/(get|list|search|presigned)[\w-]*$")
# A second time most of these fail (what they name is gone, moved or there already), and the others could undo what
# another client has done in between.
ONCE = {
    "POST /experiments/create",
    "POST /experiments/delete",
    "POST /experiments/restore",
    "POST /experiments/delete-experiment-tag",
    "POST /runs/delete",
    "POST /runs/restore",
    "POST /runs/delete-tag",
    "DELETE /logged-models/{model_id}",
    "DELETE /logged-models/{model_id}/tags/{tag_key}",
    "POST /registered-models/create",
    "POST /registered-models/rename",
    "DELETE /registered-models/delete",
    "DELETE /registered-models/delete-tag",
    "DELETE /registered-models/alias",
    "POST /model-versions/transition-stage",
    "DELETE /model-versions/delete",
    "DELETE /model-versions/delete-tag",
}


def named(route: Route[Any, Any]) -> str:
    return f"{route.methods[0]} {route.path}"


REPEATED = [route for route in ROUTES if route.idempotent and route.methods[0] != "GET"]


def test_requests_that_read_can_be_repeated() -> None:
    reading = [route for route in ROUTES if "GET" in route.methods or READING.search(route.path)]
    assert [named(route) for route in reading if not route.idempotent] == []


def test_creations_that_carry_a_request_id_can_be_repeated() -> None:
    carrying = {named(route) for route in ROUTES if REQUEST_ID in route.request.__struct_fields__}
    assert carrying == {"POST /runs/create", "POST /logged-models", "POST /model-versions/create"}
    assert carrying <= {named(route) for route in REPEATED}


def test_all_others_are_sent_once() -> None:
    assert {named(route) for route in ROUTES if not route.idempotent} == ONCE


@dataclass(frozen=True)
class Things:
    experiment: str
    run: str
    model: str
    logged_model: str


@pytest.fixture
def things(server: LiveServer) -> Things:
    name = f"n-{uuid.uuid4().hex}"
    experiment = post(server, "experiments/create", {"name": name})["experiment_id"]
    run = post(server, "runs/create", {"experiment_id": experiment})["run"]["info"]
    post(server, "registered-models/create", {"name": name})
    post(server, "model-versions/create", {"name": name, "source": run["artifact_uri"], "run_id": run["run_id"]})
    logged = post(server, "logged-models", {"experiment_id": experiment})["model"]["info"]["model_id"]
    return Things(experiment, run["run_id"], name, logged)


def post(server: LiveServer, path: str, body: dict[str, Any]) -> Any:
    status, answer = server.call("POST", path, body)
    assert status == 200, answer
    return answer


def body_for(route: Route[Any, Any], things: Things) -> dict[str, Any]:
    """A request that can be sent to the route: every field that is required, and a few more."""
    values: dict[str, Any] = {
        "experiment_id": things.experiment,
        "experiment_ids": [things.experiment],
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
        "request_id": uuid.uuid4().hex,
        "model_json": '{"run_id": "r", "artifact_path": "m", "utc_time_created": "now", "flavors": {}}',
    }
    if route.path == "/runs/log-batch":
        values["metrics"] = [{"key": "m", "value": 1.5, "timestamp": 1}]
    if route.path.startswith("/logged-models"):
        values |= {"model_id": things.logged_model, "status": "LOGGED_MODEL_READY"}
    return {name: values[name] for name in route.request.__struct_fields__ if name in values}


def state(server: LiveServer, things: Things) -> Any:
    """All that a request of these tests can change: most answers are empty, so that they show nothing of it."""
    reads: list[tuple[str, str, Any]] = [
        ("GET", f"experiments/get?experiment_id={things.experiment}", None),
        ("GET", f"runs/get?run_id={things.run}", None),
        ("GET", f"metrics/get-history?run_id={things.run}&metric_key=k", None),
        ("GET", f"metrics/get-history?run_id={things.run}&metric_key=m", None),
        ("GET", f"registered-models/get?name={things.model}", None),
        ("GET", f"model-versions/search?filter=name%3D'{things.model}'", None),
        ("POST", "runs/search", {"experiment_ids": [things.experiment]}),
        ("POST", "logged-models/search", {"experiment_ids": [things.experiment]}),
    ]
    answers = [server.call(*read) for read in reads]
    assert [status for status, _ in answers] == [200] * len(reads)
    return [content(answer) for _, answer in answers]


def content(answer: Any) -> Any:
    """An answer without the order of its lists, and without the times of the last change, which a repetition moves."""
    if isinstance(answer, dict):
        return {key: content(value) for key, value in answer.items() if not key.startswith("last_update")}
    return sorted((content(each) for each in answer), key=repr) if isinstance(answer, list) else answer


@pytest.mark.parametrize("route", REPEATED, ids=named)
def test_a_repetition_changes_nothing(server: LiveServer, things: Things, route: Route[Any, Any]) -> None:
    body = body_for(route, things)
    path = route.path.format_map(body).removeprefix("/")
    status, first = server.call(route.methods[0], path, body)
    after = state(server, things)
    again, second = server.call(route.methods[0], path, body)
    assert (again, content(second)) == (status, content(first))
    assert state(server, things) == after
    # A folder of artifacts has no signed addresses.
    assert status == (501 if "presigned" in path else 200), first
