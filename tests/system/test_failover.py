"""The primary dies under load, and its replica is promoted: nothing acknowledged is lost, and nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mlyard.stores.sql.store import open_sql_store
from tests.conftest import SOAK, START_SECONDS, LiveServer, until
from tests.contract.test_lost_commits import COMMITTED
from tests.lossy import Lossy
from tests.ports import free_port
from tests.replication import replicated
from tests.system.test_outages import PATIENT, Load, StartServer, history, new_run

FAILOVERS = 5 if SOAK else 1


class Creations(Load):
    """Threads that create experiments and runs with names of their own, as clients do that send no request ids."""

    def _write(self) -> None:
        while not self._stop.is_set():
            number = next(self._steps)
            calls: list[tuple[str, dict[str, Any]]] = [
                ("experiments/create", {"name": f"e{number}"}),
                ("runs/create", {"experiment_id": "0", "run_name": f"r{number}"}),
            ]
            answers = [self._server.call("POST", path, body) for path, body in calls]
            if [status for status, _ in answers] == [200, 200]:
                self.acknowledged.add(number)
            else:
                self.failed.append(answers)


def names(server: LiveServer, path: str, noun: str, query: dict[str, Any]) -> list[str]:
    found, token = [], ""
    while True:
        answer: Any = server.call("POST", path, {**query, "max_results": 1000, "page_token": token})[1]
        found += [one["info"]["run_name"] if noun == "runs" else one["name"] for one in answer.get(noun, [])]
        token = answer.get("next_page_token")
        if not token:
            return found


def assert_each_once(server: LiveServer, load: Creations) -> None:
    for path, noun, letter in (("experiments/search", "experiments", "e"), ("runs/search", "runs", "r")):
        query = {} if noun == "experiments" else {"experiment_ids": ["0"]}
        found = [name for name in names(server, path, noun, query) if name[1:].isdigit() and name[0] == letter]
        assert len(found) == len(set(found))
        assert {f"{letter}{number}" for number in load.acknowledged} <= set(found)


def test_a_failover_under_load_costs_time_and_no_data(start_server: StartServer) -> None:
    for _ in range(FAILOVERS):
        with replicated() as pair:
            database = pair.primary.new_database().rpartition("/")[2]
            uri = pair.uri(database, "?target_session_attrs=read-write")
            first, second = (start_server("--backend-store-uri", uri, **PATIENT) for _ in range(2))
            pair.synchronize()
            run_id = new_run(first)
            with Load(first, run_id, 4) as one, Load(second, run_id, 4) as two, Creations(second, run_id, 4) as three:
                for load in (one, two, three):
                    load.wait_for(50)
                pair.primary.control("-m", "immediate", "stop")
                pair.replica.control("promote")
                for load in (one, two, three):
                    load.wait_for(50)
            assert one.failed == two.failed == three.failed == []
            assert one.acknowledged | two.acknowledged <= history(first, run_id)
            assert_each_once(second, three)
            assert [server.stop() for server in (first, second)] == [0, 0]


def test_a_lost_write_is_not_taken_for_another_that_got_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replica does not have the write, and gives its transaction's number to another."""
    monkeypatch.setenv("MLYARD_DATABASE_PATIENCE", str(START_SECONDS))
    with replicated() as pair, ThreadPoolExecutor(1) as thread:
        database = pair.primary.new_database().rpartition("/")[2]
        primary, port = Lossy(pair.primary.port, COMMITTED), free_port()
        store = open_sql_store(f"postgresql://mlyard@127.0.0.1:{primary.port},127.0.0.1:{port}/{database}", "")
        with psycopg.connect(pair.primary.admin, autocommit=True) as admin:
            behind = "SELECT pg_current_wal_flush_lsn() > replay_lsn FROM pg_stat_replication"
            until(lambda: admin.execute(behind).fetchone() == (False,))
        pair.replica.control("-m", "fast", "stop")
        primary.lose_next(is_last=True)
        creating = thread.submit(store.experiments.create, "lost")
        until(lambda: not primary.is_armed)
        pair.primary.control("-m", "immediate", "stop")
        primary.close()
        pair.replica.control("start")
        pair.replica.control("promote")
        with psycopg.connect(pair.replica.uri(database), autocommit=True) as others:
            for _ in range(100):
                others.execute("SELECT pg_current_xact_id()")
        replica = Lossy(pair.replica.port, own_port=port)
        number = creating.result()
        assert store.experiments.get(number).name == "lost"
        store.close()
        replica.close()
