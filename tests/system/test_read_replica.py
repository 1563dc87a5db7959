"""Reads go to a replica, and see all that was acknowledged before, by any server, if it lags, stops or comes back."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from mlyard.core.errors import InvalidParameter
from mlyard.stores.sql.store import open_sql_store
from tests.conftest import LiveServer, until
from tests.postgres import Cluster
from tests.replication import Pair, replicated
from tests.system.test_outages import PATIENT, StartServer, new_run

READS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mlyard' AND query LIKE '%latest_metrics%'"


@pytest.fixture
def pair() -> Iterator[Pair]:
    with replicated() as found:
        yield found


def start(start_server: StartServer, pair: Pair, database: str) -> LiveServer:
    options = ("--backend-store-uri", pair.primary.uri(database), "--read-replica-uri", pair.replica.uri(database))
    return start_server(*options, **PATIENT)


class Clients:
    """Threads that write through one server, and read what they have written through any, until they are stopped."""

    def __init__(self, servers: list[LiveServer], threads: int = 6) -> None:
        self.rounds = 0
        self.wrong: list[Any] = []
        self._servers = servers
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, rounds: int = 100) -> None:
        wanted = self.rounds + rounds
        until(lambda: self.rounds >= wanted or self.wrong)
        assert self.wrong == []

    def _work(self, number: int) -> None:
        run_id = new_run(self._servers[0])
        for step in itertools.count(number):
            if self._stop.is_set():
                return
            writer, reader = (self._servers[(step + turn) % len(self._servers)] for turn in (0, step // 2))
            point = {"run_id": run_id, "key": "m", "value": step, "timestamp": 1, "step": step}
            written = writer.call("POST", "runs/log-metric", point)
            found: Any = reader.call("GET", f"runs/get?run_id={run_id}")
            metrics = found[1].get("run", {}).get("data", {}).get("metrics", [])
            if written != (200, {}) or [metric["value"] for metric in metrics] != [step]:
                self.wrong.append((written, found))
            self.rounds += 1


def test_clients_read_their_own_writes_while_the_replica_stops_and_goes_on(
    start_server: StartServer, pair: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    database = pair.primary.new_database().rpartition("/")[2]
    until(lambda: has_database(pair.replica, database))
    servers = [start(start_server, pair, database) for _ in range(2)]
    with psycopg.connect(pair.replica.admin, autocommit=True) as replica, Clients(servers) as clients:
        clients.go_on()
        assert until(lambda: replica.execute(READS).fetchone()) != (0,), "nobody has read the replica"
        replica.execute("SELECT pg_wal_replay_pause()")
        clients.go_on()
        replica.execute("SELECT pg_wal_replay_resume()")
        clients.go_on()
        pair.replica.control("-m", "immediate", "stop")
        clients.go_on()
        pair.replica.control("start")
        clients.go_on()
    assert [server.stop() for server in servers] == [0, 0]
    said = capfd.readouterr().err
    assert 1 <= said.count("The replica cannot be read") <= 2 * len(servers)


def has_database(cluster: Cluster, name: str) -> bool:
    with psycopg.connect(cluster.admin) as connection:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())


def test_a_database_that_is_no_replica_is_not_read(
    start_server: StartServer, postgres: Cluster, pair: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ("--backend-store-uri", postgres.new_database(), "--read-replica-uri", pair.replica.admin)
    server = start_server(*options)
    run_id = new_run(server)
    assert server.call("GET", f"runs/get?run_id={run_id}")[0] == 200
    assert server.stop() == 0
    assert "it is not a replica of this primary" in capfd.readouterr().err


@pytest.mark.parametrize("replica", ["sqlite:///other.db", "postgresql://h/d"])
def test_sqlite_has_no_replica(replica: str) -> None:
    with pytest.raises(InvalidParameter, match="Only a database in PostgreSQL"):
        open_sql_store("sqlite:///mlyard.db", "", replica)


def test_what_nobody_waits_for_costs_nobody_time(start_server: StartServer, pair: Pair) -> None:
    """A replica that lags behind is not waited for longer than a moment: searches go to the primary."""
    database = pair.primary.new_database().rpartition("/")[2]
    until(lambda: has_database(pair.replica, database))
    server = start(start_server, pair, database)
    run_id = new_run(server)
    with psycopg.connect(pair.replica.admin, autocommit=True) as replica:
        replica.execute("SELECT pg_wal_replay_pause()")
        assert server.call("POST", "runs/set-tag", {"run_id": run_id, "key": "k", "value": "v"})[0] == 200
        answer: Any = server.call("POST", "runs/search", {"experiment_ids": ["0"], "filter": "tags.k = 'v'"})[1]
        assert [run["info"]["run_id"] for run in answer["runs"]] == [run_id]
        replica.execute("SELECT pg_wal_replay_resume()")
