"""Servers on each database, and many callers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LiveServer
from tests.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mlyard.db'}"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database()


@pytest.fixture(params=["http", "sqlite", "postgresql"])
def tracking(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URI of a tracking store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mlyard.db'}"
    if request.param == "http":
        server: LiveServer = request.getfixturevalue("server")
        return server.url
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database()


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """The answers of calls that start together; the first exception of any."""
    waiting = list(calls)
    gate = threading.Barrier(len(waiting))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(waiting)) as threads:
        return list(threads.map(run, waiting))
