"""S3 as users have set it up: keys in the environment, profiles, endpoints, encryption, and what goes wrong."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlyard.artifacts.factory import artifact_store
from mlyard.core.errors import InvalidParameter, PermissionDenied, TemporarilyUnavailable
from tests.conftest import START_SECONDS
from tests.s3 import BUCKET, KEYS, S3Server


@pytest.fixture
def uri() -> str:
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"


def works(uri: str) -> bool:
    store = artifact_store(uri, None)
    store.put("a", b"1")
    assert store.direct
    assert store.direct.presign_get("a", 60).url.startswith("http")
    return [f.path for f in store.list()] == ["a"]


@pytest.mark.parametrize("name", ["MLYARD_S3_ENDPOINT_URL", "MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL"])
def test_the_endpoint(s3: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for variable, value in {**KEYS, name: s3.url, "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(variable, value)
    assert works(uri)


def test_a_profile(s3: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = f"aws_access_key_id={KEYS['AWS_ACCESS_KEY_ID']}\naws_secret_access_key={KEYS['AWS_SECRET_ACCESS_KEY']}\n"
    (tmp_path / "credentials").write_text(f"[team]\n{keys}")
    (tmp_path / "config").write_text("[profile team]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "team")
    monkeypatch.setenv("MLYARD_S3_ENDPOINT_URL", s3.url)
    assert works(uri)


def test_no_keys_at_all(s3: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("MLYARD_S3_ENDPOINT_URL", s3.url)
    with pytest.raises(InvalidParameter, match="AWS_ACCESS_KEY_ID"):
        artifact_store(uri, None)


def test_wrong_keys_are_told_and_not_shown(s3: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {**s3.environment, "AWS_SECRET_ACCESS_KEY": "a-wrong-secret"}.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(PermissionDenied, match="AWS_SECRET_ACCESS_KEY") as refused:
        artifact_store(uri, None).put("a", b"1")
    assert "a-wrong-secret" not in refused.value.message
    assert s3.url not in refused.value.message


def test_no_such_bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in s3.environment.items():
        monkeypatch.setenv(variable, value)
    # SeaweedFS makes a bucket for whoever puts something there; reading tells.
    with pytest.raises((TemporarilyUnavailable, PermissionDenied), match="NoSuchBucket"):
        artifact_store("s3://no-such-bucket-here/x", None).list()


@pytest.mark.parametrize("text", ["not json", "[1]", '{"ACL": "public-read"}'])
def test_upload_arguments_that_are_not_understood(uri: str, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    for variable, value in KEYS.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS", text)
    with pytest.raises(InvalidParameter, match="S3_UPLOAD_EXTRA_ARGS"):
        artifact_store(uri, None)


def test_upload_arguments(s3: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in s3.environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS", '{"ServerSideEncryption": "AES256"}')
    artifact_store(uri, None).put("a", b"1")
    head = s3.client().head_object(Bucket=BUCKET, Key=f"{uri.removeprefix(f's3://{BUCKET}/')}/a")
    assert head["ServerSideEncryption"] == "AES256"


@contextmanager
def machine_identity(keys: dict[str, str]) -> Iterator[str]:
    """What tells a cloud machine its keys: EC2's instance service (v2) and, below /container, ECS's."""

    class Service(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self._answer("token" if self.path == "/latest/api/token" else None)

        def do_GET(self) -> None:
            credentials = {
                "AccessKeyId": keys["AWS_ACCESS_KEY_ID"],
                "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
                "Token": "",
                "Expiration": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
                "Code": "Success",
            }
            answers = {
                "/latest/meta-data/iam/security-credentials/": "role",
                "/latest/meta-data/iam/security-credentials/role": json.dumps(credentials),
                "/container": json.dumps(credentials),
            }
            self._answer(answers.get(self.path))

        def _answer(self, text: str | None) -> None:
            self.send_response(200 if text else 404)
            self.send_header("X-aws-ec2-metadata-token-ttl-seconds", "60")
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as service:
        threading.Thread(target=service.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{service.server_port}"
        finally:
            service.shutdown()


@pytest.mark.parametrize("kind", ["instance", "container"])
def test_the_keys_of_the_machine(
    s3: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("MLYARD_S3_ENDPOINT_URL", s3.url)
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", str(int(START_SECONDS)))  # it is a second otherwise
    with machine_identity(KEYS) as service:
        if kind == "instance":
            monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service)
        else:
            monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{service}/container")
        assert works(uri)
