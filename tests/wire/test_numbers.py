"""Every field of every request, with numbers at and beyond their bounds, null, and values of other types: no 500."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any, get_args, get_origin
from urllib.parse import quote, urlencode

import msgspec
import pytest
import urllib3

from mlyard.wire.routes import API, PROXY, ROUTES, UPLOADS, Route
from tests.conftest import START_SECONDS, LiveServer

INT32, INT64 = 2**31, 2**63
NOT_SUPPORTED = 501
VALUES: list[Any] = [
    *(0, 1, -1, INT32 - 1, INT32, -INT32 - 1, INT64 - 1, INT64, -INT64, -INT64 - 1, 2**64, 10**40, -(10**40), 10**400),
    *(
        0.5,
        1.0,
        1e18,
        1e19,
        1e308,
        -1e308,
        True,
        None,
        "",
        "x",
        "1.5",
        "1e400",
        "NaN",
        "-Infinity",
        "\u0664",
        " 1 ",
        "1_0",
    ),
    *(str(INT64 - 1), str(INT64), str(-INT64 - 1), str(10**40), "-1", [], [None], [10**40], {}, {"x": 10**40}),
]


@pytest.fixture(scope="module", params=["server", "postgres_server"])
def live(request: pytest.FixtureRequest) -> LiveServer:
    """A server on each kind of database."""
    found: LiveServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def known(live: LiveServer) -> dict[str, Any]:
    """Valid values of fields by name, for entities that exist."""
    name = f"n-{uuid.uuid4().hex}"
    _, run = live.call("POST", "runs/create", {"experiment_id": "0"})
    run_id = run["run"]["info"]["run_id"]  # type: ignore[index]  # the wire's own shape
    live.call("POST", "runs/log-metric", {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1})
    _, model = live.call("POST", "logged-models", {"experiment_id": "0", "source_run_id": run_id})
    live.call("POST", "registered-models/create", {"name": name})
    live.call("POST", "model-versions/create", {"name": name, "source": f"runs:/{run_id}/x", "run_id": run_id})
    live.call("POST", "registered-models/alias", {"name": name, "alias": "a", "version": "1"})
    return {
        "run_id": run_id,
        "run_ids": [run_id],
        "experiment_id": "0",
        "experiment_ids": ["0"],
        "model_id": model["model"]["info"]["model_id"],  # type: ignore[index]  # the wire's own shape
        "name": name,
        "new_name": name,
        "version": "1",
        "alias": "a",
        "stage": "None",
        "key": "m",
        "metric_key": "m",
        "value": "1",
        "timestamp": 1,
        "seconds": 60,
        "status": "FINISHED",
        "source": f"runs:/{run_id}/x",
        "path": "x",
        "tag_key": "t",
        "experiment_name": "Default",
        "model_json": "{}",
    }


def plain(kind: Any) -> Any:
    """The message or list in a field's type."""
    for part in get_args(kind):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return kind


def bodies(kind: type[msgspec.Struct], known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Requests in which one field, at any depth, has one of the values, and the others are valid."""
    fields = msgspec.structs.fields(kind)
    basis = {field.name: known[field.name] for field in fields if field.name in known}
    if kind.__name__ == "GetHistoryBulk":
        basis["run_id"] = known["run_ids"]
    for field in fields:
        yield from ({**basis, field.name: value} for value in VALUES)
        inner = plain(field.type)
        if inner is not field.type and get_origin(field.type) is list:
            yield from ({**basis, field.name: [body]} for body in bodies(inner, known))


def send(pool: urllib3.PoolManager, live: LiveServer, route: Route[Any, Any], body: dict[str, Any]) -> int:
    method, path = route.methods[0], route.path
    for name in ("model_id", "tag_key"):
        path = path.replace(f"{{{name}}}", quote(str(body.get(name, "x")) or "x", safe=""))
    url = f"{live.url}{API}{path}"
    if method != "GET":
        answer = pool.request(method, url, body=json.dumps(body), headers={"Content-Type": "application/json"})
    else:
        query = urlencode({name: "null" if value is None else value for name, value in body.items()}, doseq=True)
        answer = pool.request(method, f"{url}?{query}")
    return answer.status


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.methods[0]} {route.path}")
def test_no_value_of_a_field_is_an_error_of_the_server(
    live: LiveServer, known: dict[str, Any], route: Route[Any, Any]
) -> None:
    if route.path in {"/registered-models/rename", "/registered-models/delete", "/experiments/delete", "/runs/delete"}:
        known = {**known, "name": "none", "experiment_id": "987654", "run_id": "none"}  # the others need these
    if (route.methods[0], route.path) in {
        ("DELETE", "/logged-models/{model_id}"),
        ("DELETE", "/model-versions/delete"),
    }:
        known = {**known, "model_id": "m-none", "version": "99"}
    pool = urllib3.PoolManager(timeout=START_SECONDS, retries=False)
    answers = ((send(pool, live, route, body), body) for body in bodies(route.request, known))
    failed = [body for status, body in answers if status >= 500 and status != NOT_SUPPORTED]
    assert failed == []


@pytest.mark.parametrize(
    "number", ["9223372036854775807", "9223372036854775808", "1e400", "-1e400", "1" + "0" * 400, "1.5"]
)
@pytest.mark.parametrize(
    "text", ["metrics.m > {}", "attributes.start_time > {}", "attributes.end_time != {}", "start_time < -{}"]
)
def test_no_number_in_a_filter_is_an_error_of_the_server(live: LiveServer, text: str, number: str) -> None:
    status, _ = live.call("POST", "runs/search", {"experiment_ids": ["0"], "filter": text.format(number)})
    assert status in {200, 400}


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "1.5", "9" * 12, "9" * 18, "9" * 19, "1" + "0" * 40, "\u0664"])
@pytest.mark.parametrize("name", ["part_number", "start"])
def test_no_number_of_a_part_is_an_error_of_the_server(live: LiveServer, name: str, number: str) -> None:
    pool = urllib3.PoolManager(timeout=START_SECONDS, retries=False)
    begun = pool.request("POST", f"{live.url}{UPLOADS}/begin/folder", json={"path": "file"}).json()
    query = urlencode({"upload_id": begun["upload_id"], "part_number": 1, "start": 0, name: number})
    answer = pool.request("PUT", f"{live.url}{UPLOADS}/part/folder/file?{query}", body=b"x")
    assert answer.status in {200, 400}
    if answer.status == 400:
        assert name in answer.json()["message"]


@pytest.mark.parametrize(
    "text", ["bytes=0-" + "9" * 40, "bytes=" + "9" * 18 + "-", "bytes=" + "9" * 40 + "-", "bytes=-5"]
)
def test_no_range_is_an_error_of_the_server(live: LiveServer, text: str) -> None:
    pool = urllib3.PoolManager(timeout=START_SECONDS, retries=False)
    assert pool.request("PUT", f"{live.url}{PROXY}/ranges", body=b"content").status == 200
    assert pool.request("GET", f"{live.url}{PROXY}/ranges", headers={"Range": text}).status in {200, 206, 416}


@pytest.mark.parametrize("count", [1, 101, 1000])
def test_any_number_of_fields_may_be_null(live: LiveServer, known: dict[str, Any], count: int) -> None:
    metrics = [{"key": "nulls", "value": 1, "timestamp": n, "step": None, "model_id": None} for n in range(count)]
    assert live.call("POST", "runs/log-batch", {"run_id": known["run_id"], "metrics": metrics, "tags": None}) == (
        200,
        {},
    )
    _, answer = live.call("GET", f"metrics/get-history?run_id={known['run_id']}&metric_key=nulls")
    assert len(answer["metrics"]) >= count  # type: ignore[arg-type]  # the wire's own shape


@pytest.mark.parametrize(
    "body",
    [
        b'{"experiment_id": "0", "unknown": "\xff"}',
        b'{"experiment_id": "0", "\xc0\x80": 1}',
        b'{"experiment_id": "0", "unknown": ["\xed\xa0\x80"]}',
        b'{"experiment_id": "0", "run_name": "\xff"}',
    ],
)
def test_bytes_that_are_not_utf_8_are_refused_in_a_body(live: LiveServer, body: bytes) -> None:
    status, answer = live.call("POST", "runs/create", body)
    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "UTF-8" in str(answer["message"])


@pytest.mark.parametrize("query", ["experiment_name=%FF", "experiment_name=Default&x=%C0%80", "%ED%A0%80=1"])
def test_bytes_that_are_not_utf_8_are_refused_in_a_query(live: LiveServer, query: str) -> None:
    status, answer = live.call("GET", f"experiments/get-by-name?{query}")
    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "UTF-8" in str(answer["message"])
