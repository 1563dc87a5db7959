"""ADR 0025 to 0027: what a check of the keys costs a write; what PgBouncer and a replica cost a read.

Run with the repository's root on PYTHONPATH. Microseconds of this process, and of the database, for each call.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from mlyard.domain.metrics import Metric
from mlyard.domain.runs import NewRun, RunBatch
from mlyard.ports.store import Store
from mlyard.stores.sql.keys import Keys
from mlyard.stores.sql.sessions import Sessions
from mlyard.stores.sql.store import open_sql_store
from tests.pgbouncer import pgbouncer
from tests.postgres import cluster
from tests.replication import replicated
from tests.system.conftest import at_once
from tests.system.test_pgbouncer import SETTINGS_OF_SESSIONS

CALLS, ROUNDS = 300, 9


def nanoseconds(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    except OSError:
        return 0


def cpu() -> tuple[float, float]:
    """Seconds of this process, and of all PostgreSQLs and PgBouncers."""
    servers = [p.pid for p in psutil.process_iter(["name"]) if p.info["name"] in {"postgres", "pgbouncer"}]
    return time.process_time(), sum(map(nanoseconds, servers)) / 1e9


def measure(call: Callable[[], object]) -> tuple[float, float, float]:
    wall, before = time.perf_counter(), cpu()
    for _ in range(CALLS):
        call()
    after = cpu()
    taken = (time.perf_counter() - wall, after[0] - before[0], after[1] - before[1])
    return tuple(1e6 * seconds / CALLS for seconds in taken)  # type: ignore[return-value]


def prepared(store: Store) -> tuple[Callable[[], object], Callable[[], object]]:
    run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
    points = [Metric(key=f"m{n}", value=1, timestamp=1, step=1) for n in range(20)]
    store.runs.log_batch(run_id, RunBatch(metrics=tuple(points)))
    steps = iter(range(10**9))

    def write() -> None:
        store.runs.log_batch(run_id, RunBatch(metrics=(Metric(key="m1", value=1, timestamp=1, step=next(steps)),)))

    return lambda: store.runs.get(run_id), write


opened = Sessions._open


def opened_unprepared(*arguments: Any) -> Any:
    driver = opened(*arguments)
    driver.prepare_threshold = None
    return driver


def main() -> None:
    with ExitStack() as stack:
        postgres = stack.enter_context(cluster())
        plain = stack.enter_context(pgbouncer(postgres))
        set_up = stack.enter_context(pgbouncer(postgres, of_database=SETTINGS_OF_SESSIONS))
        stores = {}
        for name, place in {"direct": postgres, "pgbouncer": plain, "with connect_query": set_up}.items():
            uri = place.uri(postgres.new_database().rpartition("/")[2])
            stores[name] = prepared(open_sql_store(uri, str(Path.cwd())))
        with patch.object(Sessions, "_open", opened_unprepared):
            unprepared = open_sql_store(postgres.new_database(), str(Path.cwd()))
            stores["unprepared"] = prepared(unprepared)
            at_once([stores["unprepared"][0]] * 5)  # all connections
        pair = stack.enter_context(replicated())
        store = open_sql_store(pair.primary.uri("postgres"), str(Path.cwd()), pair.replica.uri("postgres"))
        stores["replica"] = prepared(store)
        calls = {f"read, {name}": read for name, (read, _) in stores.items()}
        calls |= {f"write, {name}": write for name, (_, write) in stores.items()}
        check = Keys.check

        def unchecked() -> None:
            Keys.check = lambda *_: None  # type: ignore[method-assign,assignment]
            stores["direct"][1]()
            Keys.check = check  # type: ignore[method-assign]

        calls["write, direct, unchecked"] = unchecked
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                found[name].append(measure(call))
        for name, rounds in found.items():
            wall, own, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
            print(f"{name:28} wall {wall:7.0f}  own {own:6.0f}  database {theirs:6.0f}", file=sys.stdout)


if __name__ == "__main__":
    main()
