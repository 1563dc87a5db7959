"""A search collects the statistics that PostgreSQL has not collected yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import NewRun, RunTag
from mlyard.domain.runs import RunBatch as Batch
from mlyard.stores.sql.store import open_sql_store
from tests.contract.conftest import point
from tests.postgres import Cluster


def test_a_database_without_statistics_gets_them_with_the_first_search(postgres: Cluster, tmp_path: Path) -> None:
    uri = postgres.new_database()
    store = open_sql_store(uri, str(tmp_path))
    with psycopg.connect(uri, autocommit=True) as connection:
        for table in ("runs", "tags", "latest_metrics"):  # so that nobody else collects them
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")  # type: ignore[call-overload]

        def known() -> set[str]:
            rows = connection.execute("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
            return {str(row[0]) for row in rows} & {"runs", "params", "tags", "latest_metrics"}

        def add(_: int) -> None:
            run_id = store.runs.create(NewRun(experiment_id="0", tags={"t": "x" * 100})).info.run_id
            metrics = tuple(point(f"m{number}", 1) for number in range(5))
            store.runs.log_batch(run_id, Batch(metrics=metrics, tags=(RunTag("u", "y"),)))

        with ThreadPoolExecutor(16) as threads:
            list(threads.map(add, range(500)))
        assert known() == set()
        store.runs.search(ScopedQuery(experiment_ids=("0",), filter="tags.u = 'y'"))
        assert known() == {"runs", "tags", "latest_metrics"}, "the table of params is empty"
    store.close()
