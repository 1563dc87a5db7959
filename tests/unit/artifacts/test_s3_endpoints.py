"""An address of an S3 server that cannot be used is refused by an error of ours, on each call and before any panic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlyard.artifacts.factory import artifact_store
from mlyard.core.errors import InvalidParameter
from mlyard.ports.artifacts import ArtifactStore

NO_URLS = [
    "127.0.0.1:9",
    "localhost",
    "s3.example:9000",
    "ftp://127.0.0.1:9",
    "http://",
    "http://[::1",
    "http://h:port",
]
CALLS: dict[str, Callable[[Any], object]] = {
    "list": lambda store: store.list(),
    "open": lambda store: store.open("a").__enter__(),
    "open a range": lambda store: store.open("a", 1, 2).__enter__(),
    "put": lambda store: store.put("a", b"1"),
    "put pieces": lambda store: store.put("a", iter([b"1", b"2"])),
    "delete": lambda store: store.delete("a"),
}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.mark.parametrize("endpoint", NO_URLS)
@pytest.mark.parametrize(
    "variable", ["MLYARD_S3_ENDPOINT_URL", "MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"]
)
def test_the_variable_is_named(endpoint: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, endpoint)
    with pytest.raises(InvalidParameter, match=f"{variable} is ") as refused:
        artifact_store("s3://bucket/root", None)
    assert repr(endpoint) in str(refused.value)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_call_panics(call: Callable[[ArtifactStore], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """The library panics on a header with a line break; pyo3's PanicException is not an Exception."""
    monkeypatch.setenv("MLYARD_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a\nb")
    with pytest.raises(InvalidParameter, match=r"check MLYARD_S3_ENDPOINT_URL, the AWS_\* variables"):
        call(artifact_store("s3://bucket/root", None))
