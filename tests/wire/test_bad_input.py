"""Bad input over HTTP: MLflow's code and status, a message that names the thing, nothing written."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable

import pytest

from mlyard.server.api import MAX_BODY
from mlyard.wire.routes import PREFIXES
from tests.conftest import START_SECONDS, LiveServer, fetch

INVALID, MISSING, TAKEN = (
    (400, "INVALID_PARAMETER_VALUE"),
    (404, "RESOURCE_DOES_NOT_EXIST"),
    (400, "RESOURCE_ALREADY_EXISTS"),
)
NO_RUN = "0" * 32

CASES = [
    ("POST", "experiments/create", b"{bad", INVALID, "not valid JSON"),
    ("POST", "experiments/create", b"[]", INVALID, "array"),
    ("POST", "experiments/create", b'{"name":' + b"[" * 100_000, INVALID, "name"),
    ("POST", "experiments/create", b'{"name": "\xff"}', INVALID, "JSON"),
    ("POST", "experiments/create", {}, INVALID, "Missing value for required parameter 'name'"),
    ("POST", "experiments/create", {"name": ""}, INVALID, "Missing value for required parameter 'name'"),
    ("POST", "experiments/create", {"name": 5}, INVALID, "Invalid value 5 for parameter 'name'"),
    ("POST", "experiments/create", {"name": "x" * 501}, INVALID, "500"),
    ("POST", "experiments/create", {"name": "x", "artifact_location": "x" * 3000}, INVALID, "2048"),
    ("POST", "experiments/create", {"name": "x", "artifact_location": "http:///#/../../etc"}, INVALID, "http:///"),
    ("POST", "experiments/create", {"name": "x", "artifact_location": "ftp://host/x"}, INVALID, "ftp://host/x"),
    ("POST", "experiments/create", {"name": "x", "artifact_location": "mlflow-artifacts://evil:80/x"}, INVALID, "evil"),
    ("POST", "experiments/create", {"name": "x", "artifact_location": "s3://b/x?../../etc"}, INVALID, "s3://b"),
    ("POST", "experiments/create", {"name": "Default"}, TAKEN, "Experiment(name=Default) already exists"),
    ("GET", "experiments/get?experiment_id=987654", None, MISSING, "No Experiment with id=987654 exists"),
    ("GET", "experiments/get?experiment_id=abc", None, INVALID, "Invalid experiment ID 'abc'"),
    ("GET", "experiments/get?experiment_id=0&experiment_id=1", None, INVALID, "more than once"),
    ("GET", "experiments/get", None, INVALID, "'experiment_id'"),
    ("GET", "experiments/get-by-name?experiment_name=zz", None, MISSING, "Could not find experiment with name 'zz'"),
    ("POST", "runs/create", {"experiment_id": "987654"}, MISSING, "No Experiment with id=987654 exists"),
    ("GET", f"runs/get?run_id={NO_RUN}", None, MISSING, f"Run with id={NO_RUN} not found"),
    ("GET", "runs/get", None, INVALID, "'run_id'"),
    ("POST", "runs/delete", {"run_id": "../../etc"}, MISSING, "../../etc"),
    ("POST", "runs/log-metric", {"run_id": NO_RUN, "key": "m", "value": 1, "timestamp": 1}, MISSING, NO_RUN),
    ("POST", "runs/search", {"experiment_ids": ["0"], "filter": "metrics.a <"}, INVALID, "metrics.a <"),
    ("POST", "runs/search", {"experiment_ids": ["0"], "filter": "foo.a = 1"}, INVALID, "Invalid entity type 'foo'"),
    ("POST", "runs/search", {"experiment_ids": ["0"], "order_by": ["x y z"]}, INVALID, "order_by clause 'x y z'"),
    ("POST", "runs/search", {"experiment_ids": ["0"], "max_results": 50_001}, INVALID, "50001"),
    ("POST", "runs/search", {"experiment_ids": ["0"], "max_results": -1}, INVALID, "-1"),
    ("POST", "runs/search", {"experiment_ids": ["0"], "page_token": "junk"}, INVALID, "junk"),
    ("GET", "registered-models/get?name=No", None, MISSING, "Registered Model with name=No not found"),
    ("POST", "registered-models/create", {"name": "a/b"}, INVALID, "a/b"),
    ("POST", "model-versions/create", {"name": "No", "source": "/etc"}, INVALID, "/etc"),
    ("GET", "model-versions/get?name=No&version=9", None, MISSING, "name=No, version=9"),
    ("GET", "logged-models/m-none", None, MISSING, "m-none"),
    ("GET", "nothing/here", None, (404, "ENDPOINT_NOT_FOUND"), "nothing/here"),
    ("GET", "experiments/create", None, (405, "BAD_REQUEST"), "GET"),
]


@pytest.mark.parametrize(("method", "path", "body", "expected", "reason"), CASES)
def test_it_is_refused_and_named(
    server: LiveServer, method: str, path: str, body: object, expected: tuple[int, str], reason: str
) -> None:
    status, answer = server.call(method, path, body)
    assert (status, answer["error_code"]) == expected
    assert reason in str(answer["message"])
    for secret in ("Traceback", "sqlite", "SQL", "/src/"):
        assert secret not in str(answer)


@pytest.fixture
def run_id(server: LiveServer) -> str:
    _, answer = server.call("POST", "runs/create", {"experiment_id": "0"})
    return str(answer["run"]["info"]["run_id"])  # type: ignore[index]  # the wire's own shape


@pytest.mark.parametrize(
    ("path", "fields", "reason"),
    [
        ("log-metric", {"key": "m", "value": "abc", "timestamp": 1}, "abc"),
        ("log-metric", {"key": "m", "value": True, "timestamp": 1}, "true"),
        ("log-metric", {"key": "m", "value": None, "timestamp": 1}, "'value'"),
        ("log-metric", {"key": "m", "timestamp": 1}, "'value'"),
        ("log-metric", {"key": "m", "value": 1}, "'timestamp'"),
        ("log-metric", {"key": "../m", "value": 1, "timestamp": 1}, "../m"),
        ("log-metric", {"key": "k" * 251, "value": 1, "timestamp": 1}, "250"),
        ("log-metric", {"key": "m", "value": 1, "timestamp": 2**63}, "64 bits"),
        ("log-parameter", {"key": "p!", "value": "x"}, "p!"),
        ("log-parameter", {"key": "p", "value": "\x00"}, "NUL"),
        ("set-tag", {"key": "t" * 251, "value": "x"}, "250"),
    ],
)
def test_a_bad_value_writes_nothing(
    server: LiveServer, run_id: str, path: str, fields: dict[str, object], reason: str
) -> None:
    status, answer = server.call("POST", f"runs/{path}", {"run_id": run_id, **fields})
    assert (status, answer["error_code"]) == INVALID
    assert reason in str(answer["message"])
    _, after = server.call("GET", f"runs/get?run_id={run_id}")
    data = after["run"]["data"]  # type: ignore[index]  # the wire's own shape
    assert "metrics" not in data
    assert "params" not in data


def test_a_changed_param_keeps_its_first_value(server: LiveServer, run_id: str) -> None:
    fields = {"run_id": run_id, "key": "p", "value": "1"}
    assert server.call("POST", "runs/log-parameter", fields) == (200, {})
    assert server.call("POST", "runs/log-parameter", fields) == (200, {})
    status, answer = server.call("POST", "runs/log-parameter", {**fields, "value": "2"})
    assert (status, answer["error_code"]) == INVALID
    assert "Changing param values is not allowed" in str(answer["message"])


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_nan_and_infinities_survive_a_round_trip(server: LiveServer, run_id: str, value: str) -> None:
    server.call("POST", "runs/log-metric", {"run_id": run_id, "key": "m", "value": value, "timestamp": "5"})
    _, after = server.call("GET", f"runs/get?run_id={run_id}")
    expected = [{"key": "m", "value": value, "timestamp": 5, "step": 0}]
    assert after["run"]["data"]["metrics"] == expected  # type: ignore[index]  # the wire's own shape


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_answers(server: LiveServer, prefix: str) -> None:
    assert server.get(f"{prefix}/experiments/get?experiment_id=0").status == 200


@pytest.mark.parametrize(
    "source",
    [
        "/etc",
        "file:///etc",
        "FILE:///etc",
        "file:/etc?x=/../",
        "//etc",
        "./",
        "C:\\Windows",
        "data:,x",
        "http://127.0.0.1/x",
        "s3://b/../../etc",
        "mlflow-artifacts:/..%2f..%2fetc",
        "mlflow-artifacts:/other/exp/artifacts",
        "runs:/other/x",
        "models:/m/1/../../x",
    ],
)
def test_a_model_source_that_is_nobodys_is_refused(server: LiveServer, source: str) -> None:
    name = f"m-{uuid.uuid4().hex}"
    server.call("POST", "registered-models/create", {"name": name})
    status, answer = server.call("POST", "model-versions/create", {"name": name, "source": source})
    assert status in {400, 404}, answer
    _, model = server.call("GET", f"registered-models/get?name={name}")
    assert "latest_versions" not in model["registered_model"]  # type: ignore[operator]  # the wire's own shape


class TestOrigins:
    @pytest.mark.parametrize("host", ["evil.com", "localhost.evil.com", "", "127.0.0.1.evil.com:5000"])
    def test_a_strange_host_is_refused(self, server: LiveServer, host: str) -> None:
        answer = server.get("/api/2.0/mlflow/experiments/get?experiment_id=0", Host=host)
        assert answer.status == 403

    @pytest.mark.parametrize("origin", ["http://evil.com", "null", "http://localhost.evil.com", "http://127.0.0.1:1"])
    def test_a_page_of_another_origin_is_refused(self, server: LiveServer, origin: str) -> None:
        status, answer = server.call("POST", "experiments/create", {"name": f"x{uuid.uuid4()}"}, Origin=origin)
        assert (status, answer["error_code"]) == (403, "PERMISSION_DENIED")

    def test_our_own_page_is_not(self, server: LiveServer) -> None:
        status, _ = server.call("POST", "experiments/create", {"name": f"x{uuid.uuid4()}"}, Origin=server.url)
        assert status == 200

    def test_an_allowed_origin_may_call_and_ask(self, start_server: Callable[..., LiveServer]) -> None:
        allowed = "https://yard.example"
        server = start_server("--cors-allowed-origins", allowed, "--allowed-hosts", "yard.example")
        status, _ = server.call("POST", "experiments/create", {"name": "x"}, Origin=allowed, Host="yard.example")
        assert status == 200
        asked = fetch("OPTIONS", f"{server.url}/api/2.0/mlflow/runs/create", headers={"Origin": allowed})
        assert (asked.status, asked.headers["Access-Control-Allow-Origin"]) == (204, allowed)
        refused = fetch("OPTIONS", f"{server.url}/x", headers={"Origin": "https://evil.example"})
        assert refused.status == 403
        assert "Access-Control-Allow-Origin" not in refused.headers

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "<script>alert(1)</script>"])
    def test_only_json_is_read(self, server: LiveServer, kind: str) -> None:
        answer = fetch(
            "POST",
            f"{server.url}/api/2.0/mlflow/experiments/create",
            body=b'{"name": "x"}',
            headers={"Content-Type": kind},
        )
        assert answer.status == 415
        assert kind.encode() not in answer.data
        assert answer.headers["Content-Type"] == "application/json"


class TestFiles:
    @pytest.mark.parametrize(
        "path",
        [
            "/api/2.0/mlflow-artifacts/artifacts/%2e%2e/%2e%2e/etc/passwd",
            "/api/2.0/mlflow-artifacts/artifacts/..%2f..%2fetc/passwd",
            "/api/2.0/mlflow-artifacts/artifacts//etc/passwd",
            "/api/2.0/mlflow-artifacts/artifacts/%252e%252e%252fetc",
            "/api/2.0/mlflow-artifacts/artifacts?path=..%2f..",
            "/api/2.0/mlflow-artifacts/artifacts?path=file:///etc",
        ],
    )
    def test_a_path_that_leaves_the_root_is_refused(self, server: LiveServer, path: str) -> None:
        answer = server.get(path)
        assert answer.status == 400
        assert b"INVALID_PARAMETER_VALUE" in answer.data

    @pytest.mark.parametrize(
        "path", ["../../../../etc/passwd", "..%2f..%2fetc", "%252e%252e%252fetc", "%2fetc", "x%00"]
    )
    def test_get_artifact_too(self, server: LiveServer, run_id: str, path: str) -> None:
        assert server.get(f"/get-artifact?run_id={run_id}&path={path}").status == 400
        assert server.get(f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path={path}").status == 400

    def test_html_is_an_attachment_that_nothing_runs(self, server: LiveServer, run_id: str) -> None:
        page = b"<script>alert(1)</script>"
        path = f"/api/2.0/mlflow-artifacts/artifacts/0/{run_id}/artifacts/x.html"
        assert fetch("PUT", f"{server.url}{path}", body=page).status == 200
        for address in (path, f"/get-artifact?run_id={run_id}&path=x.html"):
            answer = server.get(address)
            assert answer.data == page
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_deleting_the_root_is_refused(self, server: LiveServer) -> None:
        for path in ("", "/", "/..%2f..%2ftmp"):
            answer = fetch("DELETE", f"{server.url}/api/2.0/mlflow-artifacts/artifacts{path}")
            assert answer.status in {400, 405}


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server: LiveServer) -> None:
    with socket.create_connection(
        ("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=START_SECONDS
    ) as connection:
        head = "POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: localhost\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n"
        connection.sendall((head + kind).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
