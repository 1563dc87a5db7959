"""POST …/upload-artifact, by which MLflow's web UI uploads small files of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from mlyard.wire.routes import PREFIXES
from tests.conftest import LiveServer, fetch

RUN = "f" * 32


def created(live: LiveServer, experiment_id: str = "0") -> str:
    answer: Any = live.call("POST", "runs/create", {"experiment_id": experiment_id})[1]
    return str(answer["run"]["info"]["run_id"])


def upload(live: LiveServer, body: bytes, prefix: str = "/ajax-api/2.0/mlflow", **query: str) -> tuple[int, str]:
    """The status, and the message of a refusal."""
    answer = fetch("POST", f"{live.url}{prefix}/upload-artifact?{urlencode(query)}", body=body)
    return answer.status, msgspec.json.decode(answer.data, type=dict[str, Any]).get("message", "")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_file_is_an_artifact_of_the_run(server: LiveServer, prefix: str) -> None:
    run_id = created(server)
    assert upload(server, b"hello", prefix, run_uuid=run_id, path="deep/a b.txt") == (200, "")
    found = server.get(f"/get-artifact?run_id={run_id}&path=deep/a%20b.txt")
    assert (found.status, found.data) == (200, b"hello")


def test_what_is_missing_is_named_in_mlflows_words(server: LiveServer) -> None:
    run_id = created(server)
    assert upload(server, b"x", path="a.txt") == (400, "Request must specify run_uuid.")
    assert upload(server, b"x", run_uuid=run_id) == (400, "Request must specify path.")
    assert upload(server, b"x", run_uuid=run_id, path="") == (400, "Request must specify path.")
    assert upload(server, b"", run_uuid=run_id, path="a.txt") == (400, "Request must specify data.")
    assert upload(server, b"x", run_uuid=RUN, path="a.txt")[0] == 404


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "%2e%2e/a", "a\\b", "a\0b", "."])
def test_no_path_leaves_the_run(server: LiveServer, path: str) -> None:
    status, message = upload(server, b"x", run_uuid=created(server), path=path)
    assert (status, message[:12]) == (400, "Invalid path")


def test_large_files_are_refused(server: LiveServer) -> None:
    assert upload(server, b"x" * (10 * 1024 * 1024 + 1), run_uuid=created(server), path="a")[0] == 413


def test_it_writes_only_below_the_destination(start_server: Callable[..., LiveServer], tmp_path: Path) -> None:
    live = start_server()
    place = {"name": "elsewhere", "artifact_location": str(tmp_path / "elsewhere")}
    experiment: Any = live.call("POST", "experiments/create", place)[1]
    status, _ = upload(live, b"x", run_uuid=created(live, experiment["experiment_id"]), path="a")
    assert status == 400
    assert not (tmp_path / "elsewhere").exists()
    closed = start_server("--no-serve-artifacts")
    assert upload(closed, b"x", run_uuid=created(closed), path="a")[0] == 404


def test_a_page_of_another_site_may_not_upload(server: LiveServer) -> None:
    query = urlencode({"run_uuid": created(server), "path": "a"})
    address = f"{server.url}/ajax-api/2.0/mlflow/upload-artifact?{query}"
    answer = fetch("POST", address, body=b"x", headers={"Origin": "http://evil.example"})
    assert answer.status == 403


def test_local_sources_may_be_written_as_paths(start_server: Callable[..., LiveServer], tmp_path: Path) -> None:
    live = start_server("--no-serve-artifacts", "--default-artifact-root", (tmp_path / "root").as_uri())
    run: Any = live.call("POST", "runs/create", {"experiment_id": "0"})[1]["run"]
    uri, run_id = run["info"]["artifact_uri"], run["info"]["run_id"]
    assert uri.startswith("file://")
    live.call("POST", "registered-models/create", {"name": "Line"})
    for source, expected in (
        (uri, 200),
        (f"{uri}/model", 200),
        (uri.removeprefix("file://"), 200),
        (f"{uri.removeprefix('file://')}/model", 200),
        (str(tmp_path), 400),
        (f"{uri}/../x", 400),
        ("file://other.example/x", 400),
    ):
        body = {"name": "Line", "source": source, "run_id": run_id}
        assert live.call("POST", "model-versions/create", body)[0] == expected, source
        assert live.call("POST", "model-versions/create", {"name": "Line", "source": source})[0] == 400
