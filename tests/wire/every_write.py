"""A request for every route that writes, and the state that these requests change."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from mlyard.domain.list_tags import TAG_VERSIONS
from mlyard.transport.session import Session
from mlyard.wire.message import decode_fields
from mlyard.wire.routes import ROUTES, Route
from tests.conftest import LiveServer

READING = re.compile(r"/(get|list|search|presigned|charts|figures|series)[\w-]*$")


def named(route: Route[Any, Any]) -> str:
    return f"{route.methods[0]} {route.path}"


WRITING = [route for route in ROUTES if "GET" not in route.methods and not READING.search(route.path)]


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
        "entry_json": '{"name": "Line", "version": 1}',
    }
    if route.path.endswith("/add-to-tag"):
        values["key"] = TAG_VERSIONS
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
        ("GET", f"experiments/search?{any_view}&max_results=9&filter={quote(named_so)}", None),
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
