"""Measures how mlyard's times grow with its data: up to 1,000,000 runs, and 10,000,000 points of one metric.

Limit the data with `benchmarks/growth.py --max-runs 50000 --max-points 1000000`. Writes JSON and a plot to
benchmarks/results.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import defaultdict
from pathlib import Path

import load
import machine
import plot
import rows
import wrk
from load import Runs
from postgres import Cluster, cluster
from report import number
from rest import API, Client, Failed
from run import RESULTS, say
from systems import CACHE, SYSTEMS, Server, install, running

RUNS = (1_000, 50_000, 1_000_000)
POINTS = (10_000, 100_000, 1_000_000, 10_000_000)
PAGES = 100  # at most this many pages of 1,000 runs are read
NAME = "mlyard"
Curves = defaultdict[str, dict[int, float]]

NEWEST = "search: the newest 1,000, s"
FILTER = "search: 100 by filter and order, s"
PAGE = "a page of 1,000 while paging, s"
BATCH = "log-batch of 100 metrics, s"
WHOLE = "history, whole, s"
CHART = "history, chart of 2,000 points, s"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--max-runs", type=int, default=RUNS[-1])
    parser.add_argument("--max-points", type=int, default=POINTS[-1])
    parser.add_argument("--seconds", type=float, default=4, help="duration of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-install", action="store_true", help="use the environment of the previous run")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def _note(curves: Curves, name: str, size: int, value: float) -> None:
    curves[name][size] = value
    say(f"{size:>10,}  {name}: {number(value)}")


def _search(client: Client, experiment: str, seconds: float, **query: object) -> float:
    body = {"experiment_ids": [experiment], **query}
    return rows.timed(lambda: client.bytes("POST", f"{API}/runs/search", body), seconds)


def _page(client: Client, experiment: str) -> float:
    """The mean time of one page, over the first hundred."""
    start, count = time.perf_counter(), 0
    pages = client.pages("/runs/search", experiment_ids=[experiment], max_results=rows.PAGE)
    for _ in itertools.islice(pages, PAGES):
        count += 1
    return (time.perf_counter() - start) / count


def _batch(server: Server, run: str, size: int, options: argparse.Namespace) -> float:
    """The server's time for one batch, with eight connections."""
    rates = []
    for round_number in range(options.rounds):
        step = (1 + round_number) * rows.STEPS + size  # new points at each size
        seen = wrk.load(server.url, wrk.log_batch(run, step), 8, options.seconds)
        if seen.refused or seen.broken or not seen.rate:
            raise Failed(f"log-batch: {seen}")
        rates.append(seen.rate)
    return 1 / sorted(rates)[len(rates) // 2]


def measure_runs(curves: Curves, postgres: Cluster, server: Server, options: argparse.Namespace) -> None:
    client = Client(server.url)
    experiment, other = client.create_experiment("grows"), client.create_experiment("written")
    run, held = client.create_run(other), 0
    for size in (size for size in RUNS if size <= options.max_runs):
        say(f"{size:>10,}  creating runs")
        with postgres.connect(NAME) as connection:
            load.add_runs(connection, NAME, Runs(experiment, held + 1, size))
        held = size
        _note(curves, NEWEST, size, _search(client, experiment, options.seconds, max_results=rows.PAGE))
        query = {"filter": load.FILTER, "order_by": load.ORDER, "max_results": 100}
        _note(curves, FILTER, size, _search(client, experiment, options.seconds, **query))
        _note(curves, PAGE, size, _page(client, experiment))
        _note(curves, BATCH, size, _batch(server, run, size, options))


def measure_points(curves: Curves, postgres: Cluster, server: Server, options: argparse.Namespace) -> None:
    client = Client(server.url)
    run, held = client.create_run(client.create_experiment("points")), 0
    path, chart = f"{API}/metrics/charts", {"run_ids": [run], "keys": ["long"]}
    for size in (size for size in POINTS if size <= options.max_points):
        say(f"{size:>10,}  creating points")
        with postgres.connect(NAME) as connection:
            load.add_history(connection, NAME, run, "long", held + 1, size)
        held = size

        def whole() -> None:
            for _answer in client.history(run, "long"):
                pass

        _note(curves, WHOLE, size, rows.timed(whole, options.seconds))
        _note(curves, CHART, size, rows.timed(lambda: client.bytes("POST", path, chart), options.seconds))


def main() -> None:
    options = arguments()
    system = next(system for system in SYSTEMS if system.name == NAME)
    if not options.no_install:
        install(system)
    about = machine.describe() | {"version": system.version()}
    curves: Curves = defaultdict(dict)
    with cluster() as postgres:
        about["postgresql"] = postgres.version()
        postgres.create(NAME)
        with running(system, postgres.url(NAME)) as server:
            # A failure ends its curves; the points measured before are kept.
            for measure in (measure_points, measure_runs):
                try:
                    measure(curves, postgres, server, options)
                except Failed as failure:
                    about.setdefault("failures", []).append(str(failure))
                    say(str(failure))
    write(curves, about, options.results)


def write(curves: Curves, about: dict[str, object], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.json").write_text(json.dumps({"about": about, "curves": curves}, indent=1) + "\n")
    by_runs = {name: curves[name] for name in (NEWEST, FILTER, PAGE, BATCH) if curves[name]}
    by_points = {name: curves[name] for name in (WHOLE, CHART) if curves[name]}
    given = [("mlyard with more runs", "runs", by_runs), ("mlyard with more points", "points of one metric", by_points)]
    (folder / "growth.svg").write_text(plot.panels(given))
    say(f"Written to {folder}")


if __name__ == "__main__":
    with machine.alone(CACHE):
        main()
