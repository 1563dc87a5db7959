"""Every backend of the ports: the contract suites run on each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from mlyard.artifacts.factory import artifact_store
from mlyard.artifacts.http import HttpArtifactStore
from mlyard.artifacts.local import LocalArtifactStore
from mlyard.domain.metrics import Metric
from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import NewRun, Run
from mlyard.ports.artifacts import ArtifactStore
from mlyard.ports.store import Store
from mlyard.server.endpoints.context import Context
from mlyard.services.artifact_access import ArtifactAccess
from mlyard.stores.memory.store import open_memory_store
from mlyard.stores.rest.store import open_rest_store
from mlyard.stores.sql.store import open_sql_store
from mlyard.transport.session import Session
from tests.conftest import LiveServer
from tests.contract.in_process import InProcess
from tests.postgres import Cluster
from tests.s3 import BUCKET, S3Server


@pytest.fixture(scope="session")
def shared_database(postgres: Cluster) -> str:
    """A database of PostgreSQL that tests only add to."""
    return postgres.new_database()


@pytest.fixture(params=["memory", "wire", "sqlite", "postgresql", "rest"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store; the ones in PostgreSQL and over REST may hold what other tests wrote."""
    if request.param == "rest":
        live: LiveServer = request.getfixturevalue("server")
        yield open_rest_store(Session(live.url))
        return
    if request.param == "wire":
        behind = open_memory_store("mlflow-artifacts:/")
        access = ArtifactAccess(str(tmp_path / "mlartifacts"), "mlflow-artifacts:/")
        yield open_rest_store(cast("Session", InProcess(Context(behind, access))))
        return
    if request.param == "memory":
        yield open_memory_store(str(tmp_path / "mlartifacts"))
        return
    if request.param == "postgresql":
        uri = request.getfixturevalue("shared_database")
    else:
        uri = f"sqlite:///{tmp_path / 'mlyard.db'}"
    opened = open_sql_store(uri, str(tmp_path / "mlartifacts"))
    yield opened
    opened.close()


@pytest.fixture(params=["local", "s3", "proxied", "proxied-s3"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    """An empty artifact store."""
    if request.param == "local":
        return LocalArtifactStore(tmp_path / "root")
    root = f"suite/{uuid.uuid4().hex}"
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3")
        for variable, value in s3.environment.items():
            monkeypatch.setenv(variable, value)
        return artifact_store(f"s3://{BUCKET}/{root}", None)
    live: LiveServer = request.getfixturevalue("server" if request.param == "proxied" else "s3_backed_server")
    return HttpArtifactStore(Session(live.url), root)


def name() -> str:
    return f"n-{uuid.uuid4().hex}"


def point(key: str, value: float, step: int = 0, timestamp: int = 1) -> Metric:
    return Metric(key=key, value=value, step=step, timestamp=timestamp)


@pytest.fixture
def experiment(store: Store) -> str:
    return store.experiments.create(name())


@pytest.fixture
def run(store: Store, experiment: str) -> Run:
    return store.runs.create(NewRun(experiment_id=experiment, user_id="ann", start_time=5))


def found(store: Store, experiment: str, **query: object) -> list[str]:
    """The names of the runs that a search finds."""
    runs = store.runs.search(ScopedQuery(experiment_ids=(experiment,), **query))  # type: ignore[arg-type]
    return [run.info.run_name for run in runs]
