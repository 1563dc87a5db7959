"""Proxies, certificates and credentials: which variable has which effect on a request to a tracking server."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

import mlyard
from mlyard.artifacts.factory import artifact_store
from mlyard.core.errors import InvalidParameter, MlyardError, TemporarilyUnavailable
from mlyard.transport.addresses import split_credentials
from mlyard.transport.connections import proxy_of
from mlyard.transport.session import Session, session_with

PROXY = "http://proxy.invalid:3128"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


class Recorder(ThreadingHTTPServer):
    """Answers 200 to all requests, as a server or as a proxy, and keeps their paths and headers."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.server_address[1]}"
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, *_: object) -> None:
        """Nothing: a client that refuses the certificate is what some tests expect."""


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_GET(self) -> None:
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_CONNECT(self) -> None:
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests tell what happened."""


@contextmanager
def recording(context: ssl.SSLContext | None = None) -> Iterator[Recorder]:
    server = Recorder(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        ("http://tracking.example", {}, None),
        ("http://tracking.example", {"HTTP_PROXY": PROXY}, PROXY),
        ("http://tracking.example", {"http_proxy": PROXY}, PROXY),
        ("http://tracking.example", {"HTTP_PROXY": "proxy.invalid:3128"}, PROXY),
        ("http://tracking.example", {"HTTPS_PROXY": PROXY}, None),
        ("https://tracking.example", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://tracking.example", {"HTTP_PROXY": PROXY}, None),
        ("https://tracking.example", {"ALL_PROXY": PROXY}, PROXY),
        ("http://tracking.example", {"HTTP_PROXY": PROXY, "NO_PROXY": "tracking.example"}, None),
        ("http://user:word@tracking.example", {"HTTP_PROXY": PROXY, "NO_PROXY": "tracking.example"}, None),
        ("http://tracking.example", {"HTTP_PROXY": PROXY, "NO_PROXY": ".example"}, None),
        ("http://tracking.example", {"HTTP_PROXY": PROXY, "NO_PROXY": "other.example, *"}, PROXY),
        ("http://tracking.example", {"HTTP_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ("http://10.1.2.3:5000", {"HTTP_PROXY": PROXY, "NO_PROXY": "localhost, 10.0.0.0/8"}, None),
        ("http://11.1.2.3:5000", {"HTTP_PROXY": PROXY, "NO_PROXY": "localhost, 10.0.0.0/8"}, PROXY),
        ("http://10.1.2.3:5000", {"HTTP_PROXY": PROXY, "NO_PROXY": "10.1.2.3:5000"}, None),
    ],
)
def test_which_proxy(
    url: str, variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == expected


def test_requests_go_through_the_proxy_with_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "http://me:p%40ss@"))
        assert Session("http://tracking.invalid").request("GET", "/version").status == 200
    ((path, headers),) = proxy.seen
    assert path == "http://tracking.invalid/version"
    assert headers["proxy-authorization"] == "Basic bWU6cEBzcw=="


def test_tls_is_tunnelled_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(TemporarilyUnavailable):
            Session("https://tracking.invalid").request("GET", "/version")
    assert [path for path, _ in proxy.seen] == ["tracking.invalid:443"]


def test_a_proxy_of_an_unknown_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://me:secret@proxy.invalid")
    with pytest.raises(InvalidParameter, match="scheme 'socks5'") as refused:
        Session("http://tracking.invalid")
    assert "secret" not in str(refused.value)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, *, of_clients: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if of_clients:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.parametrize(
    ("variables", "works"),
    [
        ((), False),
        (("MLFLOW_TRACKING_SERVER_CERT_PATH",), True),
        (("MLYARD_TRACKING_SERVER_CERT_PATH",), True),
        (("REQUESTS_CA_BUNDLE",), True),
        (("CURL_CA_BUNDLE",), True),
        (("SSL_CERT_FILE",), True),
    ],
)
def test_authorities(
    variables: tuple[str, ...], works: bool, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    for name in variables:
        monkeypatch.setenv(name, str(tmp_path / "authority.pem"))
    with recording(tls(authority)) as server:
        session = Session(server.url)
        if works:
            assert session.request("GET", "/version").status == 200
        else:
            with pytest.raises(TemporarilyUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
                session.request("GET", "/version")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_an_unchecked_certificate(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    with recording(tls(authority)) as server:
        assert Session(server.url).request("GET", "/version").status == 200


def test_another_server_must_show_a_certificate(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_INSECURE_TLS", "true")
    with recording(tls(authority)) as server:
        session = session_with(server.url, Session("https://tracking.invalid"))
        with pytest.raises(TemporarilyUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            session.request("GET", "/version")


def test_the_client_shows_its_certificate(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    authority.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(tmp_path / "authority.pem"))
    with recording(tls(authority, of_clients=True)) as server:
        with pytest.raises(TemporarilyUnavailable):
            Session(server.url).request("GET", "/version")
        monkeypatch.setenv("MLFLOW_TRACKING_CLIENT_CERT_PATH", str(tmp_path / "client.pem"))
        assert Session(server.url).request("GET", "/version").status == 200
        with pytest.raises(TemporarilyUnavailable):
            session_with(server.url, Session("https://tracking.invalid")).request("GET", "/version")


@pytest.mark.parametrize(
    "variable", ["MLYARD_TRACKING_SERVER_CERT_PATH", "MLYARD_TRACKING_CLIENT_CERT_PATH", "REQUESTS_CA_BUNDLE"]
)
def test_a_file_that_is_missing_is_named(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "/missing.pem")
    with pytest.raises(InvalidParameter, match=f"{variable} is '/missing.pem', which does not exist"):
        Session("https://tracking.invalid")


def test_settings_that_contradict_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_INSECURE_TLS", "true")
    monkeypatch.setenv("MLYARD_TRACKING_SERVER_CERT_PATH", str(tmp_path))
    with pytest.raises(InvalidParameter, match="contradict"):
        Session("https://tracking.invalid")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://host", ("http://host", None)),
        ("http://me:word@host:1/base", ("http://host:1/base", ("me", "word"))),
        ("http://me@host", ("http://host", ("me", ""))),
        ("http://me%40work:a%3Ab@host", ("http://host", ("me@work", "a:b"))),
        ("http://me:a:b@host", ("http://host", ("me", "a:b"))),
    ],
)
def test_credentials_in_an_address(url: str, expected: tuple[str, tuple[str, str] | None]) -> None:
    assert split_credentials(url) == expected


def test_credentials_in_an_address_are_sent_instead_of_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_TOKEN", "token")
    with recording() as server:
        Session(server.url.replace("//", "//alice:s3cr3t@")).request("GET", "/version")
    ((_, headers),) = server.seen
    assert headers["authorization"] == "Basic YWxpY2U6czNjcjN0"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_run("x"),
        lambda client: client.create_experiment("x"),
        lambda client: client.log_text("x", "text", "a.txt"),
        lambda client: client.get_model_version("m", "1"),
    ],
)
def test_no_message_has_the_password(call: Callable[[mlyard.MlyardClient], object]) -> None:
    with pytest.raises(MlyardError, match=r"http://127\.0\.0\.1:1 cannot be reached") as failed:
        call(mlyard.MlyardClient("http://alice:s3cr3t@127.0.0.1:1"))
    assert "s3cr3t" not in str(failed.value)


@pytest.mark.parametrize("form", ["mlflow-artifacts://{}/0", "http://{}/api/2.0/mlflow-artifacts/artifacts/0"])
def test_the_token_is_sent_to_the_tracking_server_only(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_TOKEN", "token")
    with recording() as tracking, recording() as other:
        session = Session(tracking.url)
        for server in (tracking, other):
            store = artifact_store(form.format(server.url.removeprefix("http://")), session)
            with suppress(MlyardError):  # the answer is not a listing
                store.list()
    assert [headers.get("authorization") for _, headers in tracking.seen] == ["Bearer token"]
    assert [headers.get("authorization") for _, headers in other.seen] == [None]
