"""Servers, databases and answers that go away: what was acknowledged is there, and nobody waits for ever."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import urllib3

from mlyard.core.settings import POOL_SIZE
from tests.conftest import SOAK, START_SECONDS, LiveServer, clean_environment, fetch, until
from tests.postgres import Cluster, cluster
from tests.system.conftest import at_once

StartServer = Callable[..., LiveServer]
# Where nothing may fail, the database may be away for as long as a slow machine takes.
PATIENT = {"MLYARD_DATABASE_PATIENCE": str(START_SECONDS), "MLYARD_STATEMENT_TIMEOUT": str(START_SECONDS)}
KILLS = 50 if SOAK else 2
RESTARTS = 10 if SOAK else 1


def new_run(server: LiveServer) -> str:
    _, answer = server.call("POST", "runs/create", {"experiment_id": "0"})
    return str(answer["run"]["info"]["run_id"])  # type: ignore[index]  # the wire's own shape


def history(server: LiveServer, run_id: str) -> set[int]:
    answer: Any = server.call("GET", f"metrics/get-history?run_id={run_id}&metric_key=m")[1]
    return {point["step"] for point in answer.get("metrics", [])}


class Load:
    """Threads that log step after step to one run until they are stopped; what was acknowledged, what failed."""

    def __init__(self, server: LiveServer, run_id: str, writers: int = 8) -> None:
        self.acknowledged: set[int] = set()
        self.failed: list[Any] = []
        self._server, self._run_id = server, run_id
        self._steps = itertools.count()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(writers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        """Until so many more are acknowledged."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + START_SECONDS
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, f"only {len(self.acknowledged)} of {wanted}; failed: {self.failed[:3]}"
            self._stop.wait(0.01)

    def _write(self) -> None:
        while not self._stop.is_set():
            step = next(self._steps)
            body = {"run_id": self._run_id, "key": "m", "value": 1, "timestamp": 1, "step": step}
            try:
                status, answer = self._server.call("POST", "runs/log-metric", body)
            except urllib3.exceptions.HTTPError as error:
                self.failed.append(error)
                return
            if status == 200:
                self.acknowledged.add(step)
            else:
                self.failed.append(answer)


def test_kill_nine_loses_nothing_that_was_acknowledged(start_server: StartServer, database: str) -> None:
    server = start_server("--backend-store-uri", database)
    run_id, acknowledged = new_run(server), set()
    for _ in range(KILLS):
        with Load(server, run_id) as load:
            load.wait_for(100)
            server.stop(signal.SIGKILL)
        acknowledged |= load.acknowledged
        server = start_server("--backend-store-uri", database)
        assert acknowledged <= history(server, run_id)


@contextmanager
def own_cluster() -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL that the test may do harm to."""
    with cluster() as found:
        yield found, found.new_database()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_database_costs_time_and_no_data(start_server: StartServer, mode: str) -> None:
    with own_cluster() as (postgres, uri):
        server = start_server("--backend-store-uri", uri, **PATIENT)
        run_id = new_run(server)
        with Load(server, run_id) as load:
            for _ in range(RESTARTS):
                load.wait_for(100)
                postgres.control("-m", mode, "restart")
                load.wait_for(100)
        assert load.failed == []
        assert load.acknowledged <= history(server, run_id)
        assert server.stop() == 0


def test_a_database_that_stays_away_is_said_to_be_so(start_server: StartServer) -> None:
    with own_cluster() as (postgres, uri):
        server = start_server("--backend-store-uri", uri, MLYARD_DATABASE_PATIENCE="1")
        run_id = new_run(server)
        postgres.control("-m", "fast", "stop")
        answers = [
            server.get(f"/api/2.0/mlflow/runs/get?run_id={run_id}"),
            fetch(
                "POST",
                f"{server.url}/api/2.0/mlflow/runs/set-tag",
                json={"run_id": run_id, "key": "k", "value": "v"},
                retries=False,
            ),
        ]
        for answer in answers:
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["error_code"] == "TEMPORARILY_UNAVAILABLE"
            assert "postgres" not in answer.json()["message"].lower()
        assert server.get("/health").status == 200
        postgres.control("start")
        until(lambda: server.call("GET", f"runs/get?run_id={run_id}")[0] == 200)


@pytest.fixture
def limited(postgres: Cluster) -> tuple[str, str]:
    """A database, and its owner, who may have three connections at a time."""
    uri = postgres.new_database()
    role = f"r{uri.rpartition('/')[2]}"
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 3".encode())
        admin.execute(f"ALTER DATABASE {uri.rpartition('/')[2]} OWNER TO {role}".encode())
    return uri.replace("mlyard@", f"{role}@"), role


def test_out_of_connections_some_wait_and_none_fails(start_server: StartServer, limited: tuple[str, str]) -> None:
    server = start_server("--backend-store-uri", limited[0], **PATIENT)
    run_id = new_run(server)
    answers = at_once([lambda: server.call("GET", f"runs/get?run_id={run_id}")] * 60)
    assert {status for status, _ in answers} == {200}


def test_where_others_have_all_connections_that_is_said_until_there_are_some(
    start_server: StartServer, postgres: Cluster, limited: tuple[str, str]
) -> None:
    uri, role = limited
    server = start_server("--backend-store-uri", uri, MLYARD_DATABASE_PATIENCE="2")
    run_id = new_run(server)
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {role} CONNECTION LIMIT 0".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])
        answer = server.get(f"/api/2.0/mlflow/runs/get?run_id={run_id}")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        admin.execute(f"ALTER ROLE {role} CONNECTION LIMIT 3".encode())
    until(lambda: server.call("GET", f"runs/get?run_id={run_id}")[0] == 200)


def wait_until_blocked(uri: str) -> None:
    """Until all connections that a server reads with wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(uri, autocommit=True) as looking:
        until(lambda: looking.execute(waiting).fetchone() >= (POOL_SIZE.get(),))


def test_health_answers_while_every_request_waits(start_server: StartServer, postgres: Cluster) -> None:
    uri = postgres.new_database()
    server = start_server("--backend-store-uri", uri, **PATIENT)
    new_run(server)
    with psycopg.connect(uri) as blocker:
        blocker.execute("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        # Searches: those who ask for single runs share two connections.
        search = ("POST", "runs/search", {"experiment_ids": ["0"]})
        waiting = [threading.Thread(target=server.call, args=search) for _ in range(50)]
        for thread in waiting:
            thread.start()
        wait_until_blocked(uri)
        for _ in range(20):
            pool = urllib3.PoolManager(timeout=START_SECONDS, retries=False)
            assert pool.request("GET", f"{server.url}/health").status == 200
        assert all(thread.is_alive() for thread in waiting)
        blocker.rollback()
    for thread in waiting:
        thread.join(START_SECONDS)
        assert not thread.is_alive()


def test_searches_that_wait_do_not_hold_up_logging(start_server: StartServer, postgres: Cluster) -> None:
    uri = postgres.new_database()
    server = start_server("--backend-store-uri", uri, **PATIENT)
    run_id = new_run(server)
    point = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1}
    assert server.call("POST", "runs/log-metric", point)[0] == 200
    with psycopg.connect(uri) as blocker:
        # Searches read params, logging a metric does not.
        blocker.execute("LOCK TABLE params IN ACCESS EXCLUSIVE MODE")
        search = ("POST", "runs/search", {"experiment_ids": ["0"]})
        waiting = [threading.Thread(target=server.call, args=search) for _ in range(60)]
        for thread in waiting:
            thread.start()
        wait_until_blocked(uri)
        answers = [server.call("POST", "runs/log-metric", {**point, "step": step}) for step in range(50)]
        assert answers == [(200, {})] * 50
        assert all(thread.is_alive() for thread in waiting)
        blocker.rollback()
    for thread in waiting:
        thread.join(START_SECONDS)


def test_servers_that_start_at_once_migrate_one_database(start_server: StartServer, database: str) -> None:
    server = start_server("--backend-store-uri", database, "--workers", "8")
    run_id = new_run(server)
    answers = at_once([lambda: server.call("GET", f"runs/get?run_id={run_id}")] * 32)
    assert {status for status, _ in answers} == {200}
    assert server.stop() == 0


def test_a_registry_of_its_own(start_server: StartServer, database: str, postgres: Cluster) -> None:
    registry = postgres.new_database()
    server = start_server("--backend-store-uri", database, "--registry-store-uri", registry)
    assert server.call("POST", "registered-models/create", {"name": "apart"})[0] == 200
    with psycopg.connect(registry) as connection:
        assert connection.execute("SELECT name FROM registered_models").fetchall() == [("apart",)]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("postgresql://mlyard:s3cret@127.0.0.1:{port}/nowhere", "does not exist"),
        ("postgresql://nobody:s3cret@127.0.0.1:{port}/postgres", "does not exist"),
        ("postgresql://mlyard:s3cret@127.0.0.1:1/x", "cannot be reached"),
        ("sqlite:////proc/none/mlyard.db", "Cannot create"),
        ("oracle://u:s3cret@h/x", "not supported"),
    ],
)
def test_a_wrong_address_is_named_without_its_password(
    postgres: Cluster, tmp_path: Path, uri: str, reason: str
) -> None:
    command = [sys.executable, "-m", "mlyard", "server", "--port", "0", "--backend-store-uri"]
    done = subprocess.run(
        [*command, uri.format(port=postgres.port)],
        cwd=tmp_path,
        env=clean_environment(MLYARD_DATABASE_PATIENCE="0.5"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert reason in done.stderr
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr
