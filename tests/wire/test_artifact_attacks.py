"""Artifact paths and places that an attacker would name, raw, on every route: refused, and nothing happens."""

from __future__ import annotations

import http.client
import json
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from mlyard.artifacts import bundle
from tests.conftest import START_SECONDS, LiveServer, fetch, free_port, running

PX = "/api/2.0/mlflow-artifacts"
AP = "/api/2.0/mlflow"
IPV = (400, "INVALID_PARAMETER_VALUE")
CLIMBS = [
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e%252fetc",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "C:/Windows/win.ini",
    "\\\\host\\share",
    "..%5c..%5cetc",
    "x;/../../etc",
    "x%23/../etc",
    "file:///etc/passwd",
    "%0a../etc",
    "x%00.txt",
    "..",
    "%2e%2e",
    "%252e",
]
EMPTY_STEPS = ["a/./b", "a//b", "a/", "."]  # readers may write them, because they change nothing


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server under attack."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "outside").mkdir()
    (folder / "outside" / "key").write_text("secret")
    return folder


@pytest.fixture(scope="module")
def live(root: Path) -> Iterator[LiveServer]:
    """One server for all attacks: each must leave it as it was."""
    with running(["server"], root, free_port()) as server:
        yield server


@pytest.fixture
def name() -> str:
    """A name for a registered model or experiment that no other test uses."""
    return f"n{uuid.uuid4().hex}"


@pytest.fixture
def run_id(live: LiveServer) -> str:
    _, answer = live.call("POST", "runs/create", {"experiment_id": "0"})
    return str(answer["run"]["info"]["run_id"])  # type: ignore[index]


def send(live: LiveServer, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
    """The status and error code of a request whose target goes out as it is written."""
    address = urlsplit(live.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=START_SECONDS)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body or b"")))
    connection.endheaders(body or None)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    try:
        return answer.status, str(json.loads(content).get("error_code", ""))
    except ValueError:
        return answer.status, content[:80].decode(errors="replace")


def tree(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Everything below the server's folder but its database: path to inode, size and time."""
    found = (p for p in folder.rglob("*") if not p.name.startswith("mlyard.db"))
    return {str(p): (s.st_ino, s.st_size, s.st_mtime_ns) for p in found for s in [os.lstat(p)]}


@pytest.mark.parametrize("path", [*CLIMBS, *EMPTY_STEPS])
def test_paths_that_climb(live: LiveServer, run_id: str, path: str, root: Path) -> None:
    _, created = live.call("POST", "logged-models", {"experiment_id": "0", "name": "m", "source_run_id": run_id})
    model_id = created["model"]["info"]["model_id"]  # type: ignore[index]
    text = quote(path, safe="/%;:")
    part = json.dumps({"path": "x", "num_parts": 1, "upload_id": "u", "parts": []}).encode()
    signed = json.dumps({"run_id": run_id, "path": path}).encode()
    before = tree(root)
    reads = (
        ("GET", f"/get-artifact?run_id={run_id}&path={text}", None),
        ("GET", f"{AP}/artifacts/list?run_id={run_id}&path={text}", None),
        ("GET", f"{AP}/logged-models/{model_id}/artifacts/files?artifact_file_path={text}", None),
        ("GET", f"{AP}/logged-models/{model_id}/artifacts/directories?artifact_directory_path={text}", None),
        ("GET", f"{PX}/artifacts?path={text}", None),
    )
    for method, target, body in (
        *(reads if path in CLIMBS else ()),
        ("GET", f"{PX}/artifacts/{text}", None),
        ("PUT", f"{PX}/artifacts/{text}", b"pwned"),
        ("DELETE", f"{PX}/artifacts/{text}", None),
        ("POST", f"{PX}/mpu/create/{text}", part),
        ("POST", f"{PX}/mpu/begin/{text}", part),
        ("PUT", f"{PX}/mpu/part/{text}?upload_id=0123456789abcdef&part_number=1&start=0", b"pwned"),
        ("POST", f"{PX}/mpu/complete/{text}", part),
        ("POST", f"{PX}/mpu/abort/{text}", part),
        ("GET", f"{PX}/presigned/{text}", None),
        ("POST", f"{AP}/artifacts/presigned-upload-url", signed),
        ("POST", f"{AP}/artifacts/presigned-download-url", signed),
    ):
        assert (send(live, method, target, body), target) == (IPV, target)
    assert tree(root) == before


@pytest.mark.parametrize("path", [*CLIMBS, *EMPTY_STEPS, ""])
def test_a_bundle_is_refused_whole(live: LiveServer, path: str, root: Path) -> None:
    before = tree(root)
    for folder, files in (("here", {"fine": b"1", path: b"pwned"}), (quote(path, safe="/%;:") or "%2e", {"x": b"1"})):
        url = f"{live.url}{PX}/bundle/{folder}"
        headers = {"Content-Type": bundle.MEDIA_TYPE}
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(live.url).port or 0, timeout=START_SECONDS)
        connection.putrequest("POST", url[len(live.url) :], skip_accept_encoding=True)
        body = bundle.encode(files)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error_code"]) == IPV, folder
        connection.close()
    assert tree(root) == before


def test_the_root_is_no_target(live: LiveServer, root: Path) -> None:
    assert send(live, "PUT", f"{PX}/artifacts/kept", b"1")[0] == 200
    before = tree(root)
    for method, path in (
        ("DELETE", ""),
        ("DELETE", "/"),
        ("PUT", ""),
        ("PUT", "/"),
        ("DELETE", "/%2e"),
        ("DELETE", "//"),
    ):
        status, _ = send(live, method, f"{PX}/artifacts{path}", b"x" if method == "PUT" else None)
        assert status in {400, 405}, (method, path)
    assert tree(root) == before


def test_a_link_out_of_the_root_leads_nowhere(live: LiveServer, root: Path) -> None:
    assert send(live, "PUT", f"{PX}/artifacts/kept", b"1")[0] == 200
    (root / "mlartifacts/link").symlink_to(root / "outside")
    before = tree(root)
    for method, path in (
        ("GET", "link/key"),
        ("PUT", "link/new"),
        ("PUT", "link"),
        ("DELETE", "link/key"),
        ("DELETE", "link"),
    ):
        body = b"x" if method == "PUT" else None
        assert send(live, method, f"{PX}/artifacts/{path}", body) == IPV, (method, path)
    assert tree(root) == before


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.setblocking(False)
        yield opened


PLACES = [
    "http://127.0.0.1:{port}/x",
    "https://127.0.0.1:{port}/x",
    "ftp://127.0.0.1:{port}/x",
    "sftp://127.0.0.1:{port}/x",
    "hdfs://127.0.0.1:{port}/x",
    "r2://b/x",
    "b2://b/x",
    "abfss://c@127.0.0.1:{port}/x",
    "wasbs://c@127.0.0.1:{port}/x",
    "gs://b/x",
    "mlflow-artifacts://127.0.0.1:{port}/x",
    "http:///#/../../../../etc/",
    "http:///?/../../../etc",
    "s3://b/x?../../etc",
    "s3://b/../../etc",
    "s3:///x",
    "file:///etc?x=/../",
    "file:///etc#f",
    "file://localhost/../etc",
    "//etc",
    "./",
    "..",
    "data:,x",
    "C:\\Windows",
    "mlflow-artifacts:/..%2f..%2fetc",
    "mlflow-artifacts:/%252e%252e/etc",
]


@pytest.mark.parametrize("place", PLACES)
def test_places_that_are_refused(live: LiveServer, run_id: str, place: str, listener: socket.socket, name: str) -> None:
    uri = place.format(port=listener.getsockname()[1])
    live.call("POST", "registered-models/create", {"name": name})
    made = {"name": name, "artifact_location": uri}
    assert live.call("POST", "experiments/create", made)[1]["error_code"] == IPV[1], uri
    for more in ({}, {"run_id": run_id}, {"tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}):
        status, answer = live.call("POST", "model-versions/create", {"name": name, "source": uri, **more})
        assert (status, answer["error_code"]) == IPV, (uri, more)
    assert live.call("GET", f"experiments/get-by-name?experiment_name={name}")[0] == 404
    assert "model_versions" not in live.call("GET", f"model-versions/search?filter=name%3D'{name}'")[1]
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("source", ["/etc", "file:///etc", "file:/etc", "FILE:///etc", "/proc/self/root/etc"])
def test_a_folder_is_no_source(live: LiveServer, run_id: str, source: str, name: str) -> None:
    live.call("POST", "registered-models/create", {"name": name})
    for more in ({}, {"run_id": run_id}):
        status, answer = live.call("POST", "model-versions/create", {"name": name, "source": source, **more})
        assert (status, answer["error_code"]) == IPV
    assert live.get(f"/model-versions/get-artifact?name={name}&version=1&path=passwd").status == 404


def test_an_operator_names_the_roots(start_server: Callable[..., LiveServer]) -> None:
    live = start_server(MLYARD_ALLOWED_ARTIFACT_ROOTS="s3://ours/ml, gs://theirs")
    allowed = ("s3://ours/ml", "s3://ours/ml/a", "gs://theirs/x", "mlflow-artifacts:/x")
    refused = ("s3://ours", "s3://ours/mlx", "s3://other/ml", "/tmp/x", "file:///tmp/x", "gs://theirsx")
    for number, uri in enumerate((*allowed, *refused)):
        status, _ = live.call("POST", "experiments/create", {"name": f"e{number}", "artifact_location": uri})
        assert (status, uri) == (200 if uri in allowed else 400, uri)


@pytest.mark.parametrize("uri", ["gs://a/b", "dbfs:/a", "hdfs://a/b", "abfss://a@b/c", "ftp://a/b", "adl://a/b"])
def test_a_place_that_is_not_allowed_is_refused_with_the_way_to_allow_it(live: LiveServer, uri: str, name: str) -> None:
    live.call("POST", "registered-models/create", {"name": name})
    for path, body in (
        ("model-versions/create", {"name": name, "source": uri}),
        ("experiments/create", {"name": name, "artifact_location": uri}),
    ):
        status, answer = live.call("POST", path, body)
        assert (status, answer["error_code"]) == IPV
        assert "MLYARD_ALLOWED_ARTIFACT_ROOTS" in str(answer["message"])
        assert "local path" not in str(answer["message"])


def test_an_operator_allows_sources_of_any_kind(start_server: Callable[..., LiveServer]) -> None:
    live = start_server(MLYARD_ALLOWED_ARTIFACT_ROOTS="dbfs:/ours, gs://ours, http://there/ours")
    live.call("POST", "registered-models/create", {"name": "m"})
    allowed = ("dbfs:/ours/a", "gs://ours/a", "http://there/ours/a")
    refused = ("dbfs:/theirs", "dbfs:/ours2", "gs://theirs/a", "http://there/a", "s3://a/b")
    for uri in (*allowed, *refused):
        status, answer = live.call("POST", "model-versions/create", {"name": "m", "source": uri})
        assert (status, uri) == (200 if uri in allowed else 400, uri)
        assert status == 200 or "dbfs:/ours, gs://ours, http://there/ours" in str(answer["message"])


def test_no_error_about_artifacts_shows_where_the_server_keeps_them(live: LiveServer, run_id: str, name: str) -> None:
    """Every address below is wrong in another way; a folder of the server's disk is in no answer."""
    below = f"{PX}/artifacts/0/{run_id}/artifacts"
    assert send(live, "PUT", f"{below}/folder/file", b"1")[0] == 200
    live.call("POST", "registered-models/create", {"name": name})
    _, made = live.call("POST", "experiments/create", {"name": name, "artifact_location": str(live.folder / "hidden")})
    _, outside = live.call("POST", "runs/create", {"experiment_id": made["experiment_id"]})
    outside_id = outside["run"]["info"]["run_id"]  # type: ignore[index]
    answers = [
        live.get(f"{place}{path}").data.decode()
        for place in (
            f"{below}/", f"{PX}/artifacts?path=", f"{PX}/presigned/0/{run_id}/artifacts/",
            f"/get-artifact?run_id={run_id}&path=", f"/get-artifact?run_id={outside_id}&path=",
            f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path=",
            f"/api/2.0/mlflow/artifacts/list?run_id={outside_id}&path=",
        )
        for path in ("", "missing", "folder", "folder/file/below", "..", "a%00b", "%2e%2e/x", "x" * 300, "C:/x", "/x")
    ]  # fmt: skip
    for path in ("folder", "folder/file/below", "../x", "x" * 300, ".mlyard-partial-1", "a?b"):
        url = f"{live.url}{below}/{path}"
        answers += [fetch(method, url, body=b"1").data.decode() for method in ("PUT", "DELETE", "POST")]
    for source in (
        *(f"runs:/{run_id}/x%23y", f"runs:/{run_id}/../x", f"runs:/{outside_id}/x#y", f"runs:/{'0' * 32}/x", "runs:/"),
        *("models:/x", "models:/x/1", "/etc", "file:///etc", "missing", "mlflow-artifacts:/x"),
    ):
        for more in ({}, {"run_id": run_id}, {"run_id": outside_id}, {"run_id": "0" * 32}):
            status, answer = live.call("POST", "model-versions/create", {"name": name, "source": source, **more})
            is_of_elsewhere = source.startswith("mlflow-artifacts:") and more == {"run_id": "0" * 32}
            assert status >= 400 or source.startswith("runs:/") or is_of_elsewhere, (source, more)
            answers.append(str(answer) if status >= 400 else "")
    shown = [answer for answer in answers if str(live.folder) in answer]
    assert shown == []


def test_a_query_is_not_part_of_a_files_name(live: LiveServer, run_id: str) -> None:
    """A client that does not encode the '?' would write over another file."""
    below = f"{PX}/artifacts/0/{run_id}/artifacts"
    assert send(live, "PUT", f"{below}/a", b"first")[0] == 200
    for method in ("PUT", "GET", "DELETE"):
        assert send(live, method, f"{below}/a?b", b"second") == IPV
    assert send(live, "PUT", f"{below}/a%3Fb", b"second")[0] == 200
    assert (live.get(f"{below}/a").data, live.get(f"{below}/a%3Fb").data) == (b"first", b"second")


@pytest.mark.parametrize("file", ["x.html", "x.svg", "x.xhtml", "x", "x.js", "x.pdf"])
def test_what_is_served_runs_nowhere(live: LiveServer, run_id: str, file: str, name: str) -> None:
    script = b"<html><script>alert(1)</script></html>"
    assert send(live, "PUT", f"{PX}/artifacts/0/{run_id}/artifacts/m/{file}", script)[0] == 200
    live.call("POST", "registered-models/create", {"name": name})
    live.call("POST", "model-versions/create", {"name": name, "source": f"runs:/{run_id}/m", "run_id": run_id})
    for path in (
        f"/get-artifact?run_id={run_id}&path=m/{file}",
        f"/model-versions/get-artifact?name={name}&version=1&path={file}",
        f"{PX}/artifacts/0/{run_id}/artifacts/m/{file}",
    ):
        answer = live.get(path)
        assert (answer.status, answer.data) == (200, script)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_files_and_folders_are_private(tmp_path: Path, start_server: Callable[..., LiveServer]) -> None:
    before = os.umask(0)
    try:
        live = start_server()
    finally:
        os.umask(before)
    assert send(live, "PUT", f"{PX}/artifacts/deep/a", b"1")[0] == 200
    assert (tmp_path / "mlartifacts").stat().st_mode & 0o077 == 0
    assert (tmp_path / "mlartifacts/deep/a").stat().st_mode & 0o077 == 0
    assert (tmp_path / "mlyard.db").stat().st_mode & 0o077 == 0
