"""Everything works behind PgBouncer in transaction mode, as Debian has it, however it is set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import NewRun, RunBatch
from mlyard.ports.store import Store
from mlyard.stores.sql.store import open_sql_store
from tests.conftest import ROOT
from tests.contract.conftest import point
from tests.contract.every_write import WRITES, Entities
from tests.pgbouncer import pgbouncer
from tests.postgres import Cluster
from tests.system.conftest import at_once
from tests.system.test_outages import PATIENT, Load, StartServer, history, new_run

SETTINGS_OF_SESSIONS = "connect_query='SET jit TO off; SET statement_timeout TO 60000; SET random_page_cost TO 1.1'"
assert SETTINGS_OF_SESSIONS in (ROOT / "docs" / "guide" / "machines.md").read_text()
SET_UPS: dict[str, dict[str, str]] = {
    "plain": {},
    "ignoring": {"ignore_startup_parameters": "options,extra_float_digits"},
    "with settings": {"of_database": SETTINGS_OF_SESSIONS},
}


@pytest.fixture(scope="module", params=SET_UPS)
def bouncer(request: pytest.FixtureRequest, postgres: Cluster) -> Iterator[Cluster]:
    with pgbouncer(postgres, **SET_UPS[request.param]) as found:
        yield found


def behind(bouncer: Cluster, postgres: Cluster) -> str:
    """An empty database's address."""
    return bouncer.uri(postgres.new_database().rpartition("/")[2])


@pytest.fixture(scope="module")
def store(bouncer: Cluster, postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_sql_store(behind(bouncer, postgres), str(tmp_path_factory.mktemp("artifacts")))
    yield opened
    opened.close()


@pytest.mark.parametrize("write", WRITES)
def test_a_write(store: Store, write: str) -> None:
    WRITES[write](store, Entities(store, write))


def test_reads_by_many_at_once(store: Store) -> None:
    """More than there are sessions, so that each gets those of others."""
    experiment = store.experiments.create("searched", tags={"t": "v"})
    runs = [store.runs.create(NewRun(experiment_id=experiment)).info.run_id for _ in range(8)]
    for number, run_id in enumerate(runs):
        store.runs.log_batch(run_id, RunBatch(metrics=tuple(point("m", number, step) for step in range(100))))
    query = ScopedQuery(experiment_ids=(experiment,), filter="metrics.m > 3", order_by=("metrics.m DESC",))

    def read() -> Any:
        first = store.runs.search(ScopedQuery(**{**vars_of(query), "max_results": 2}))
        rest = store.runs.search(ScopedQuery(**{**vars_of(query), "page_token": first.token, "max_results": 9}))
        found = [run.info.run_id for run in (*first, *rest)]
        return found, len(store.metrics.history(runs[0], "m")), store.runs.get(runs[1]).data.metrics

    assert at_once([read] * 12) == [([*reversed(runs[4:])], 100, {"m": 1.0})] * 12


def vars_of(query: ScopedQuery) -> dict[str, Any]:
    return {name: getattr(query, name) for name in ("experiment_ids", "filter", "order_by")}


def test_servers_with_workers_lose_nothing(start_server: StartServer, bouncer: Cluster, postgres: Cluster) -> None:
    uri = behind(bouncer, postgres)
    first, second = (start_server("--backend-store-uri", uri, "--workers", "2", **PATIENT) for _ in range(2))
    run_id = new_run(first)
    with Load(first, run_id, 4) as load, Load(second, run_id, 4) as other:
        load.wait_for(100)
        other.wait_for(100)
        # The sessions of PostgreSQL end, and PgBouncer opens others.
        with psycopg.connect(postgres.uri(uri.rpartition("/")[2]), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        load.wait_for(100)
    assert load.failed == other.failed == []
    assert load.acknowledged | other.acknowledged <= history(second, run_id)


def test_a_read_that_takes_too_long_is_ended(
    bouncer: Cluster, postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As without a pooler: the settings are there, and reach no other client of the pooler."""
    monkeypatch.setenv("MLYARD_STATEMENT_TIMEOUT", "0.1")
    uri = behind(bouncer, postgres)
    store = open_sql_store(uri, str(tmp_path))
    run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
    with psycopg.connect(uri.replace(str(bouncer.port), str(postgres.port))) as blocker:
        blocker.execute("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="statement timeout"):
            store.runs.get(run_id)
    assert store.runs.get(run_id).info.run_id == run_id
    store.close()
    with psycopg.connect(uri, autocommit=True, prepare_threshold=None) as another:
        for _ in range(10):
            assert another.execute("SHOW statement_timeout").fetchone() != ("100ms",)
            assert another.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
