"""Which store a tracking URI means."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlyard.client.backends import open_backend
from mlyard.core.errors import InvalidParameter


def test_the_address_of_a_server_does_not_ask_for_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert open_backend("http://127.0.0.1:1").session is not None


def test_an_address_that_is_refused_is_not_repeated_with_its_password() -> None:
    with pytest.raises(InvalidParameter, match="The store address 'ftp://…' is not supported") as refused:
        open_backend("ftp://me:secret@localhost/runs")
    assert "secret" not in str(refused.value)


def test_artifacts_of_a_database_go_to_the_destination_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, destination in enumerate(("s3://bucket/path", "beside")):
        monkeypatch.setenv("MLYARD_ARTIFACTS_DESTINATION", destination)
        store = open_backend(f"sqlite:///{tmp_path}/{number}.db").store
        location = store.experiments.get(store.experiments.create("e")).artifact_location
        expected = destination if "://" in destination else str(tmp_path / destination)
        assert location.removeprefix("file://").startswith(expected)
