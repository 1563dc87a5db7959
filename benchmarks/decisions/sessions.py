"""ADR 0060 and 0061: what a check of the keys costs a write, and what PgBouncer costs a read.

Run with the repository's root on PYTHONPATH. Microseconds of this process, and of the database, for each call.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil

from mlyard.domain.metrics import Metric
from mlyard.domain.runs import NewRun, RunBatch
from mlyard.ports.store import Store
from mlyard.stores.sql.keys import Keys
from mlyard.stores.sql.store import open_sql_store
from tests.pgbouncer import pgbouncer
from tests.postgres import cluster
from tests.system.test_pgbouncer import SETTINGS_OF_SESSIONS

CALLS, ROUNDS = 300, 9


def cpu() -> tuple[float, float]:
    own = psutil.Process().cpu_times()
    servers = [p for p in psutil.process_iter(["name"]) if p.info["name"] in {"postgres", "pgbouncer"}]
    return own.user + own.system, sum(sum(p.cpu_times()[:2]) for p in servers)


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


def main() -> None:
    with ExitStack() as stack:
        postgres = stack.enter_context(cluster())
        plain = stack.enter_context(pgbouncer(postgres))
        set_up = stack.enter_context(pgbouncer(postgres, of_database=SETTINGS_OF_SESSIONS))
        stores = {}
        for name, place in {"direct": postgres, "pgbouncer": plain, "with connect_query": set_up}.items():
            uri = place.uri(postgres.new_database().rpartition("/")[2])
            stores[name] = prepared(open_sql_store(uri, str(Path.cwd())))
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
