"""Which store a tracking URI means."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mlyard
from mlyard.client.backends import open_backend
from mlyard.core.errors import InvalidParameter
from tests.conftest import START_SECONDS


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


NAMED: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    "set_tracking_uri": lambda _: mlyard.set_tracking_uri("sqlite:///my.db"),
    "set_tracking_uri of a folder": lambda _: mlyard.set_tracking_uri("runs"),
    "set_tracking_uri of a path": lambda _: mlyard.set_tracking_uri(Path("runs")),
    "set_tracking_uri of a file: URI": lambda _: mlyard.set_tracking_uri("file:runs"),
    "MLYARD_TRACKING_URI": lambda patch: patch.setenv("MLYARD_TRACKING_URI", "sqlite:///my.db"),
    "MLFLOW_TRACKING_URI": lambda patch: patch.setenv("MLFLOW_TRACKING_URI", "./runs"),
    "the default": lambda _: None,
}


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    os.chdir(tmp_path / "first")
    yield tmp_path / "second"
    while mlyard.active_run():
        mlyard.end_run()
    mlyard.set_tracking_uri("")
    mlyard.set_registry_uri("")


@pytest.mark.parametrize("name", NAMED.values(), ids=NAMED)
def test_a_relative_store_stays_where_it_was_when_it_was_first_used(
    name: Callable[[pytest.MonkeyPatch], object], second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(monkeypatch)
    run = mlyard.start_run(experiment_id=mlyard.create_experiment("e"))
    os.chdir(second)
    mlyard.log_metric("m", 1)
    mlyard.log_text("x", "a.txt", run_id=run.info.run_id)
    assert mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/a.txt") == "x"
    assert mlyard.get_run(run.info.run_id).data.metrics == {"m": 1.0}
    assert mlyard.MlyardClient(mlyard.get_tracking_uri()).get_run(run.info.run_id).info == run.info
    with mlyard.start_run(nested=True):
        mlyard.create_experiment("made in the second folder")
    mlyard.MlyardClient().create_registered_model("Line")
    assert list(second.iterdir()) == []


@pytest.mark.parametrize("folder", ["a?1", "a?2", "a", "a#1", "a%41", "aA", "a b", "a@b:c"])
def test_each_folder_has_its_own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    (tmp_path / folder).mkdir()
    before = sorted(tmp_path.iterdir())
    mlyard.MlyardClient(str(tmp_path / folder)).create_experiment("given")
    monkeypatch.chdir(tmp_path / folder)
    mlyard.MlyardClient("sqlite:///current.db").create_experiment("current")
    assert sorted(tmp_path.iterdir()) == before
    assert {"mlyard.db", "current.db"} <= {path.name for path in (tmp_path / folder).iterdir()}


def test_a_relative_store_that_is_set_but_not_used_yet(second: Path) -> None:
    mlyard.set_tracking_uri("sqlite:///my.db")
    mlyard.set_registry_uri("sqlite:///registry.db")
    os.chdir(second)
    mlyard.MlyardClient().create_registered_model("Line")
    with mlyard.start_run():
        pass
    assert list(second.iterdir()) == []
    assert {"my.db", "registry.db"} <= {file.name for file in (second.parent / "first").iterdir()}


def test_a_child_process_in_another_folder_uses_the_store_that_was_set(second: Path) -> None:
    mlyard.set_tracking_uri("sqlite:///my.db")
    with mlyard.start_run() as run:
        child = f"import mlyard; mlyard.log_metrics({{'m': 1}}, run_id={run.info.run_id!r})"
        subprocess.run([sys.executable, "-c", child], cwd=second, check=True)
    assert mlyard.get_run(run.info.run_id).data.metrics == {"m": 1.0}
    assert list(second.iterdir()) == []


def test_a_store_that_is_set_again_is_in_the_new_folder(second: Path) -> None:
    for folder in (second.parent / "first", second):
        os.chdir(folder)
        mlyard.set_tracking_uri("sqlite:///my.db")
        mlyard.create_experiment("e")
        assert (folder / "my.db").exists()


def test_a_process_that_forks_and_changes_its_folder(second: Path) -> None:
    program = """
import mlyard, os, sys
run = mlyard.start_run()
child = os.fork()
if not child:
    os.chdir(sys.argv[1])
    mlyard.MlyardClient().log_metric(run.info.run_id, "m", 1)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert mlyard.get_run(run.info.run_id).data.metrics == {"m": 1.0}
"""
    subprocess.run([sys.executable, "-c", program, str(second)], check=True, timeout=START_SECONDS)
    assert list(second.iterdir()) == []
