"""Files and folders between a client and artifacts: whole or not at all, resumed, and checked."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import mlyard
from mlyard import MlyardClient
from mlyard.artifacts.content import CHUNK
from mlyard.artifacts.factory import artifact_store
from mlyard.artifacts.http import HttpArtifactStore
from mlyard.artifacts.in_parts import AT_ONCE, PART
from mlyard.artifacts.transfer import download, upload
from mlyard.core.errors import DataLoss, InvalidParameter, MlyardError, TemporarilyUnavailable
from mlyard.transport.session import Session
from tests.conftest import START_SECONDS, LiveServer, clean_environment
from tests.s3 import BUCKET, KEYS, S3Server

MEGABYTE = 1024 * 1024


@pytest.fixture(params=["folder", "server", "s3"])
def client(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MlyardClient:
    """A client that logs to a folder, through a server, or to a database and straight to S3."""
    if request.param == "server":
        return MlyardClient(request.getfixturevalue("server").url)
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3")
        for name, value in s3.environment.items():
            monkeypatch.setenv(name, value)
    return MlyardClient(f"sqlite:///{tmp_path / 'mlyard.db'}")


@pytest.fixture
def run_id(client: MlyardClient, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    location = f"s3://{BUCKET}/{tmp_path.name}" if "s3" in request.node.name else None
    experiment = client.create_experiment(f"e-{tmp_path.name}-{request.node.name}"[:200], location)
    return client.create_run(experiment).info.run_id


def test_a_thousand_small_files(client: MlyardClient, run_id: str, tmp_path: Path) -> None:
    source = tmp_path / "many"
    source.mkdir()
    for number in range(1000):
        (source / f"{number:04}").write_bytes(number.to_bytes(4, "big") * 100)
    client.log_artifacts(run_id, source, "many")
    back = Path(client.download_artifacts(run_id, "many", tmp_path / "back"))
    assert {f.name: f.read_bytes() for f in back.iterdir()} == {f.name: f.read_bytes() for f in source.iterdir()}
    assert list(client.verify_artifacts(run_id).values()) == ["ok"] * 1000
    assert [f.path for f in client.list_artifacts(run_id)] == ["many"]


def test_what_was_logged_is_known(client: MlyardClient, run_id: str, tmp_path: Path) -> None:
    for name in ("kept", "changed", "gone", "deleted"):
        client.log_text(run_id, name, f"deep/{name}.txt")
    client.delete_artifacts(run_id, "deep/deleted.txt")
    _, store = client._artifacts_of(run_id)
    store.put("deep/changed.txt", b"by another client")
    store.put("deep/new.txt", b"by another client")
    store.delete("deep/gone.txt")
    assert client.verify_artifacts(run_id) == {
        "deep/changed.txt": "changed",
        "deep/gone.txt": "missing",
        "deep/kept.txt": "ok",
        "deep/new.txt": "unlisted",
    }
    with pytest.raises(DataLoss, match=r"deep/changed\.txt.*MLYARD_VERIFY_ARTIFACTS=0"):
        client.download_artifacts(run_id, "deep", tmp_path / "back")
    assert not (tmp_path / "back/deep/changed.txt").exists()


def test_another_clients_change_can_be_taken(
    client: MlyardClient, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.log_text(run_id, "ours", "a.txt")
    client._artifacts_of(run_id)[1].put("a.txt", b"theirs")
    monkeypatch.setenv("MLYARD_VERIFY_ARTIFACTS", "0")
    assert Path(client.download_artifacts(run_id, "a.txt", tmp_path / "back")).read_text() == "theirs"


LOG = """
import sys
import mlyard
client = mlyard.MlyardClient(sys.argv[1])
for number in range(20):
    client.log_text(sys.argv[2], "x" * number, f"{sys.argv[3]}/{number}.txt")
"""


def test_two_processes_log_to_one_run(server: LiveServer, tmp_path: Path) -> None:
    client = MlyardClient(server.url)
    run_id = client.create_run("0").info.run_id
    writers = [
        subprocess.Popen([sys.executable, "-c", LOG, server.url, run_id, name], env=clean_environment(), cwd=tmp_path)
        for name in ("a", "b")
    ]
    assert [writer.wait(START_SECONDS) for writer in writers] == [0, 0]
    assert list(client.verify_artifacts(run_id).values()) == ["ok"] * 40


def test_a_link_out_of_the_folder_is_not_followed(client: MlyardClient, run_id: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    source = tmp_path / "source"
    source.mkdir()
    (source / "plain").write_text("p")
    (source / "link").symlink_to(tmp_path / "secret")
    client.log_artifacts(run_id, source)
    assert [f.path for f in client.list_artifacts(run_id)] == ["plain"]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "..%2fx"])
def test_paths_that_leave_the_root(client: MlyardClient, run_id: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for attempt in (
        lambda: client.log_artifact(run_id, tmp_path / "file", path),
        lambda: client.log_text(run_id, "x", path),
        lambda: client.delete_artifacts(run_id, path),
        lambda: client.download_artifacts(run_id, path),
        lambda: client.list_artifacts(run_id, path),
    ):
        with pytest.raises(InvalidParameter):
            attempt()
    assert client.list_artifacts(run_id) == []


class Cuts:
    """The first ``times`` connections on which ``after`` bytes were sent end there; ``passed``: bytes on all."""

    def __init__(self, times: int, after: int) -> None:
        self.left, self.after, self.passed = times, after, 0
        self._lock = threading.Lock()

    def pass_on(self, before: int, data: bytes) -> tuple[bytes, bool]:
        """What goes on of the data that follows ``before`` bytes on its connection, and whether that ends it."""
        with self._lock:
            self.passed += len(data)
            if not self.left or before + len(data) < self.after:
                return data, False
            self.left -= 1
        return data[: self.after - before], True


@contextmanager
def cutting(live: LiveServer, limits: list[int], cuts: Cuts | None = None) -> Iterator[str]:
    """The address of a proxy that ends each connection after so many bytes of answers; then it cuts no more.

    ``cuts``: of what is sent.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    sending = cuts or Cuts(0, 0)

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            answering = Cuts(1, limits.pop(0)) if limits else Cuts(0, 0)
            threading.Thread(target=relay, args=(near, answering), daemon=True).start()

    def relay(near: socket.socket, answering: Cuts) -> None:
        address = urlsplit(live.url)
        with near, socket.create_connection((address.hostname, address.port)) as far:
            there = threading.Thread(target=pump, args=(near, far, sending), daemon=True)
            there.start()
            pump(far, near, answering)
            there.join()

    def pump(source: socket.socket, sink: socket.socket, cuts: Cuts) -> None:
        done, over = 0, False
        with suppress(OSError):
            while not over and (data := source.recv(65536)):
                going_on, over = cuts.pass_on(done, data)
                sink.sendall(going_on)
                done += len(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def large(live: LiveServer, tmp_path: Path) -> tuple[str, bytes]:
    content = bytes(range(256)) * (20 * MEGABYTE // 256)
    HttpArtifactStore(Session(live.url), tmp_path.name).put("large", content)
    return tmp_path.name, content


def test_a_download_goes_on_where_it_was_cut(server: LiveServer, tmp_path: Path) -> None:
    root, content = large(server, tmp_path)
    with cutting(server, [100_000, 16 * MEGABYTE, 1_000_000]) as url:
        back = download(HttpArtifactStore(Session(url), root), "large", tmp_path / "back")
    assert back.read_bytes() == content


def test_a_download_that_never_ends_well_leaves_nothing(server: LiveServer, tmp_path: Path) -> None:
    """Its first bytes come, and then no more, however often the rest is asked for."""
    root, _ = large(server, tmp_path)
    with cutting(server, [3 * CHUNK, *[1] * 100]) as url, pytest.raises(TemporarilyUnavailable):
        download(HttpArtifactStore(Session(url), root), "large", tmp_path / "back")
    assert [p for p in (tmp_path / "back").rglob("*") if p.is_file()] == []


def test_an_upload_goes_on_where_it_was_cut(
    start_server: Callable[..., LiveServer], s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts that were taken are not sent again, and the file is whole."""
    monkeypatch.delenv("MLYARD_HTTP_REQUEST_MAX_RETRIES")  # parts are sent again as often as they are by default
    times, after = 2, PART + PART // 4
    # As many parts at once are as many connections. What is more than they carry uncut meets every cut.
    content = bytes(range(256)) * ((times + AT_ONCE) * after // 256)
    (tmp_path / "large").write_bytes(content)
    for destination in (str(tmp_path / "there"), f"s3://{BUCKET}/{tmp_path.name}"):
        live = start_server("--artifacts-destination", destination, **s3.environment)
        cuts = Cuts(times, after)
        with cutting(live, [], cuts) as url:
            upload(HttpArtifactStore(Session(url), "up"), tmp_path / "large")
        store = HttpArtifactStore(Session(live.url), "up")
        with store.open("large") as artifact:
            assert b"".join(artifact.chunks) == content
        assert [f.path for f in store.list()] == ["large"]
        assert cuts.left == 0
        # A cut costs the part that was on its way on that connection; a megabyte is for the requests' heads.
        # A client that began anew would lose all that the connection had carried, which is more than a part.
        assert cuts.passed <= len(content) + times * PART + MEGABYTE
        live.stop()


def test_an_upload_that_fails_raises(start_server: Callable[..., LiveServer], s3: S3Server, tmp_path: Path) -> None:
    """The store refuses for ever; so does one that is not there."""
    (tmp_path / "file").write_text("x")
    wrong = {**s3.environment, "AWS_SECRET_ACCESS_KEY": "wrong"}
    live = start_server("--artifacts-destination", f"s3://{BUCKET}/refused", **wrong)
    client = MlyardClient(live.url)
    run_id = client.create_run("0").info.run_id
    with pytest.raises(MlyardError, match="denies access"):
        client.log_artifact(run_id, tmp_path / "file")
    with pytest.raises(MlyardError):
        upload(HttpArtifactStore(Session("http://127.0.0.1:9"), "x"), tmp_path / "file")


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server of the test's own, which ends even if the test fails."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_a_server_that_lies_about_its_files_writes_nothing_elsewhere(tmp_path: Path) -> None:
    class Liar(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lying = b'{"files": [{"path": "../../pwned", "is_dir": false, "file_size": 1}]}'
            body = lying if "?path=" in self.path else b"x"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with answering(Liar) as url, pytest.raises(InvalidParameter, match=r"\.\./\.\./pwned"):
        download(HttpArtifactStore(Session(url), "a/b"), "", tmp_path / "deep/er/back")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_an_object_store_that_is_broken_for_ever_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    (tmp_path / "file").write_text("x")
    with answering(Broken) as url:
        for name, value in {**KEYS, "MLYARD_S3_ENDPOINT_URL": url}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(TemporarilyUnavailable, match="failed on 'file'"):
            upload(artifact_store(f"s3://{BUCKET}/x", None), tmp_path / "file")


def test_the_module_loads_no_object_store() -> None:
    code = "import mlyard, sys; assert not {'obstore', 'botocore'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert mlyard.__version__
