"""Compares mlyard with MLflow and FastTrackML on one PostgreSQL: REST, search, history, start and size.

Run it with `make bench`. Prints a table, and writes it as JSON and as a plot to benchmarks/results. `--help` shows
how to measure fewer systems, rows or rounds.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

import figures as f
import installed
import load
import machine
import report
from figures import Figures
from load import Runs
from postgres import Cluster, cluster
from rest import Client, Failed
from rows import CHARTED, Subject, measures
from systems import CACHE, SYSTEMS, System, install, memory_mb, running

RESULTS = Path(__file__).parent / "results"
IDLE_SECONDS = 8  # by then, MLflow has started all its workers and jobs
SLOW = 20  # seconds; a row that takes longer in the first round is measured only once


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--systems", default=",".join(system.name for system in SYSTEMS), help="comma-separated")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="duration of the load in each round")
    parser.add_argument("--runs", type=int, default=50_000, help="runs in the experiment that is searched")
    parser.add_argument("--paged", type=int, default=12_000, help="runs in the experiment that is read completely")
    parser.add_argument("--points", type=int, default=1_000_000, help="points of the long metric")
    parser.add_argument("--no-install", action="store_true", help="use the environments of the previous run")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def first_start(found: Figures, postgres: Cluster, system: System, options: argparse.Namespace) -> Subject:
    """Let the system create its tables, then fill them."""
    postgres.create(system.name)
    with running(system, postgres.url(system.name)) as server:
        found.add(f.FIRST_START.name, system.name, server.seconds)
        client = Client(server.url)
        searched, paged, written = (client.create_experiment(name) for name in ("searched", "paged", "written"))
        run, charted = client.create_run(written), client.create_run(written)
        subject = Subject(searched, paged, written, run, options.runs, options.seconds, charted=charted)
    say(f"{system.name}: filling its tables")
    ranges = (Runs(searched, 1, options.runs), Runs(paged, options.runs + 1, options.runs + options.paged))
    with postgres.connect(system.name) as connection:
        load.add_runs(connection, system.name, *ranges)
        before = load.size_of_points(connection, system.name)
        load.add_history(connection, system.name, subject.run, subject.key, 1, options.points)
        added = load.size_of_points(connection, system.name) - before
        found.add(f.DISK.name, system.name, added / options.points)
        if system.name == f.OURS:
            load.add_history(connection, system.name, subject.run, subject.longest, 1, 10 * options.points)
            for number in range(CHARTED):
                load.add_history(connection, system.name, charted, f"chart{number}", 1, options.points // 10)
    return subject


def starts(found: Figures, postgres: Cluster, systems: list[System], rounds: int) -> None:
    """Measure start time and idle memory, one system at a time."""
    for _ in range(rounds):
        for system in systems:
            with running(system, postgres.url(system.name)) as server:
                found.add(f.START.name, system.name, server.seconds)
                time.sleep(IDLE_SECONDS)
                memory = memory_mb(server.pid)
            found.add(f.MEMORY.name, system.name, memory["pss"])
            found.detail(f.MEMORY.name, system.name, memory)
            say(f"{system.name}: started in {server.seconds:.2f} s, idles in {memory['pss']:.0f} MB")


def quiet(postgres: Cluster, database: str, seconds: float = 60) -> None:
    """Wait until the database has finished queries whose clients have already given up."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND state <> 'idle'"
    deadline = time.monotonic() + seconds
    calm = 0
    with postgres.connect() as connection:
        while calm < 5 and time.monotonic() < deadline:
            row = connection.execute(busy, [database]).fetchone()
            calm = calm + 1 if row == (0,) else 0
            time.sleep(0.1)


def requests(found: Figures, postgres: Cluster, subjects: dict[System, Subject], options: argparse.Namespace) -> None:
    """Measure the rows of requests. All systems run at the same time, and take turns."""
    with ExitStack() as stack:
        servers = {system: stack.enter_context(running(system, postgres.url(system.name))) for system in subjects}
        time.sleep(IDLE_SECONDS)
        for row, measure in measures():
            if options.only not in row.name:
                continue
            done: set[str] = set()
            for number in range(options.rounds):
                for system, subject in subjects.items():
                    if system.name in done:
                        continue
                    start = time.monotonic()
                    try:
                        value = measure(found, servers[system], subject, number)
                        found.add(row.name, system.name, value)
                        say(f"{row.name}: {system.name} {report.number(value)} {row.unit}")
                    except Failed as failure:
                        found.notes[row.name][system.name] = str(failure)
                        say(f"{row.name}: {system.name} {failure}")
                        done.add(system.name)
                    if number == 0 and time.monotonic() - start > SLOW + options.seconds:
                        done.add(system.name)
                    quiet(postgres, system.name)


def main() -> None:
    options = arguments()
    systems = [system for system in SYSTEMS if system.name in options.systems.split(",")]
    about = machine.describe()
    for system in systems if not options.no_install else []:
        say(f"{system.name}: creating its environment")
        install(system)
    found = Figures()
    if not options.only:
        say("import, --version and size")
        installed.measure(found, systems)
    with cluster() as postgres:
        about["postgresql"] = postgres.version()
        about["versions"] = {system.name: system.version() for system in systems}
        about["runs"], about["paged"], about["points"] = options.runs, options.paged, options.points
        subjects = {system: first_start(found, postgres, system, options) for system in systems}
        if not options.only:
            starts(found, postgres, systems, options.rounds)
        requests(found, postgres, subjects, options)
    report.write(found, about, [system.name for system in systems], options.results)


if __name__ == "__main__":
    with machine.alone(CACHE):
        main()
