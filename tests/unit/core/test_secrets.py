"""No message, log line or command shows a secret of an address."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import mlyard
from mlyard import MlyardClient
from mlyard.client.backends import Backend
from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.core.secrets import without_secrets
from mlyard.projects.address import parse_address
from mlyard.server.run import ServerOptions
from mlyard.stores.memory.store import open_memory_store
from tests.conftest import START_SECONDS, clean_environment

SECRET = "s3cr3t"
# Nobody listens at port 1; the other addresses have an invalid port or host, or a scheme that is not supported.
ADDRESSES = [
    f"{scheme}://alice:{SECRET}@{place}"
    for scheme in (
        "http",
        "https",
        "postgresql",
        "postgresql+psycopg",
        "mysql",
        "ftp",
        "s3",
        "gs",
        "mlflow-artifacts",
        "dbfs",
    )
    for place in ("127.0.0.1:1/x", "127.0.0.1:port/x", "[::1/x", "")
] + [
    f"http://{SECRET}@127.0.0.1:1",
    f"http://alice:{SECRET}/word@127.0.0.1:1",
    f"http://alice:12345{SECRET}@127.0.0.1:1",
    f"postgresql://alice@127.0.0.1:1/x?password={SECRET}",
    f"s3://bucket/x?X-Amz-Signature={SECRET}",
    f"http://127.0.0.1:1/x?token={SECRET}",
    f"alice:{SECRET}@127.0.0.1/x://",
]
USES = {
    "tracking": lambda uri: MlyardClient(uri).search_experiments(),
    "registry": lambda uri: MlyardClient("tracked", uri).search_registered_models(),
    "download": lambda uri: mlyard.artifacts.download_artifacts(uri, dst_path="copies", tracking_uri="tracked"),
    "list": lambda uri: mlyard.artifacts.list_artifacts(uri, tracking_uri="tracked"),
    "load": mlyard.pyfunc.load_model,
    "project": mlyard.run,
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_error_shows_it(
    address: str, use: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLYARD_DATABASE_PATIENCE", "0.1")
    with pytest.raises(Exception) as raised:  # noqa: PT011 - any error must not show the secret
        USES[use](address)
    error = raised.value
    assert "MLYARD_DATABASE_PATIENCE" not in str(error), "it failed before it looked at the address"
    told = [str(error), repr(error), *traceback.format_exception_only(error), caplog.text]
    assert [text for text in told if SECRET in text] == []


def test_no_object_shows_it() -> None:
    uri = f"sqlite:///store.db?password={SECRET}"
    shown = (
        Backend(uri, open_memory_store("")),
        ServerOptions(uri, "files", registry_store_uri=uri),
        parse_address(f"https://alice:{SECRET}@example.com/project.git"),
    )
    assert [text for text in map(repr, shown) if SECRET in text] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://alice:s3cr3t@host:5000/x", "http://***@host:5000/x"),
        ("http://alice:12345@host", "http://***@host"),
        ("http://alice:pa/ss@host:1/p", "http://***@host:1/p"),
        ("https://token@github.com/a/b", "https://***@github.com/a/b"),
        ("'s3://key:sec/ret@bucket/x'", "'s3://***@bucket/x'"),
        ("http://h/x?X-Amz-Signature=abc&y=1", "http://h/x?X-Amz-Signature=***&y=1"),
        ("host=h password=abc dbname=x", "host=h password=*** dbname=x"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        *(
            (text, text)
            for text in (
                "ssh://git@host/a", "postgresql://u@h/db", "abfss://c@acc.dfs/x", "http://host:5000/m/x@champion",
                "http://host:5000 and a@b", "models:/x@champion", "param key=a", "sqlite:////tmp/a:b@c",
            )
        ),
    ],
)  # fmt: skip
def test_what_is_a_secret(text: str, expected: str) -> None:
    assert without_secrets(text) == expected
    assert InvalidParameter(text).message == expected


def test_no_log_line_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    log = logger("test")
    with caplog.at_level(logging.INFO):
        log.info("Opening %s", f"http://alice:{SECRET}@host")
        try:
            int(f"http://alice:{SECRET}@host")
        except ValueError:
            log.exception("It failed")
    assert "***@host" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "arguments",
    [
        ["artifacts", "download", "-u", "ADDRESS"],
        ["server", "--backend-store-uri", "ADDRESS"],
        ["db", "version", "ADDRESS"],
        ["run", "ADDRESS"],
        ["models", "predict", "-m", "ADDRESS"],
    ],
)
def test_no_command_prints_it(arguments: list[str], tmp_path: Path) -> None:
    address = f"mysql://alice:{SECRET}@127.0.0.1:1/x"
    done = subprocess.run(
        [sys.executable, "-m", "mlyard", *(text.replace("ADDRESS", address) for text in arguments)],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False, timeout=START_SECONDS,
    )  # fmt: skip
    assert done.returncode != 0
    assert SECRET not in done.stdout + done.stderr
