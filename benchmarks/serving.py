"""Compares mlyard with MLflow, BentoML and MLServer at serving a scikit-learn model over HTTP.

Run it with `make bench RUN=serving.py`. The model is an ElasticNet of ten columns. mlyard serves the folder that
MLflow saved, with and without a signature. Each server answers with one process, which is its default. One thread
of `wrk` sends the requests; the servers take turns, and figures are medians. Writes
benchmarks/results/serving.json and prints a table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import machine
import wrk
from scorers import MLFLOW, MLYARD, SCORERS, SYSTEMS, Running, Scorer, ask, running, save_models
from systems import CACHE, descendants, free_port, install, memory_mb

RESULTS = Path(__file__).parent / "results" / "serving.json"
ONE, ALONE, MANY = "1 row, 16 connections", "1 row, 1 connection", "1,000 rows, 4 connections"
Round = tuple[wrk.Load, float]
"""The figures of wrk, and the server's CPU seconds per answer."""
LOADS = {ONE: (1, 16), ALONE: (1, 1), MANY: (1000, 4)}


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def some_rows(count: int) -> list[list[float]]:
    chance = random.Random(count)
    return [[chance.uniform(-0.1, 0.1) for _ in range(10)] for _ in range(count)]


def script(scorer: Scorer, rows: int) -> str:
    body = json.dumps(scorer.body(some_rows(rows)))
    return f'{wrk.POST}\nwrk.path = "{scorer.path}"\nwrk.body = [==[{body}]==]\n'


def check_answers(servers: list[Running]) -> None:
    """Check that all servers return the same predictions."""
    rows = some_rows(3)
    answers = {server.scorer.name: ask(server.scorer, int(server.url.rpartition(":")[2]), rows) for server in servers}
    expected = next(iter(answers.values()))
    for name, answer in answers.items():
        if any(abs(one - other) > 1e-6 for one, other in zip(answer, expected, strict=True)):
            raise SystemExit(f"{name} predicts {answer}, but the first server predicts {expected}")


def alone(folders: dict[Scorer, tuple[Path, int]], rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds to the first prediction and memory after some load, with one server running at a time."""
    seconds: dict[str, list[float]] = {}
    memory: dict[str, float] = {}
    for _ in range(rounds):
        for scorer, (folder, port) in folders.items():
            with running(scorer, folder, port) as server:
                seconds.setdefault(scorer.name, []).append(server.seconds)
                for rows, connections in LOADS.values():
                    wrk.load(server.url, script(scorer, rows), connections, 1)
                memory[scorer.name] = max(memory.get(scorer.name, 0), memory_mb(server.pid)["pss"])
    return seconds, memory


def cpu_seconds(pid: int) -> float:
    """The CPU seconds of a server and its child processes."""
    total = 0
    for process in descendants(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measure(servers: list[Running], options: argparse.Namespace) -> dict[str, dict[str, list[Round]]]:
    """Measure each load; the servers take turns, and the first round is a warm-up."""
    found: dict[str, dict[str, list[Round]]] = {}
    for number in range(options.rounds + 1):
        for load, (rows, connections) in LOADS.items():
            for server in servers:
                seconds = options.seconds if number else 1
                before = cpu_seconds(server.pid)
                seen = wrk.load(server.url, script(server.scorer, rows), connections, seconds)
                if number:
                    cost = (cpu_seconds(server.pid) - before) / max(1, seen.answers)
                    found.setdefault(load, {}).setdefault(server.scorer.name, []).append((seen, cost))
                    say(f"{load:26} {server.scorer.name:24} {seen.rate:9,.0f}/s p50 {seen.p50_ms:7.2f} ms")
    return found


def summary(rounds: list[Round]) -> dict[str, Any]:
    loads = [seen for seen, _ in rounds]
    middle = {name: statistics.median(getattr(one, name) for one in loads) for name in ("rate", "p50_ms", "p99_ms")}
    return {
        **middle,
        "cpu_us": statistics.median(cost for _, cost in rounds) * 1e6,
        "errors": sum(one.refused + one.broken for one in loads),
        "rates": [one.rate for one in loads],
    }


def ratios(loads: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """How many times better mlyard is than MLflow, in requests per second and in CPU time per request."""
    found = {}
    for load, scorers in loads.items():
        for model in ("plain", "signed"):
            own, other = scorers[f"{MLYARD.name} {model}"], scorers[f"{MLFLOW.name} {model}"]
            both = {"rate": own["rate"] / other["rate"], "cpu": other["cpu_us"] / own["cpu_us"]}
            found[f"{load}, {model}"] = both
    return found


def cell(one: dict[str, Any]) -> str:
    errors = f", {one['errors']} errors" if one["errors"] else ""
    return f"{one['rate']:,.0f}/s; {one['p50_ms']:.2f} / {one['p99_ms']:.1f} ms; {one['cpu_us']:,.0f} µs{errors}"


def table(found: dict[str, Any]) -> str:
    lines = ["| | " + " | ".join(LOADS) + " | memory | first prediction |", "| --- |" + " ---: |" * (len(LOADS) + 2)]
    for name, memory in found["memory_mb"].items():
        cells = [cell(found["loads"][load][name]) for load in LOADS]
        cells += [f"{memory:,.0f} MB", f"{statistics.median(found['starts'][name]):.1f} s"]
        lines.append(f"| {name.removeprefix('scoring-')} | {' | '.join(cells)} |")
    lines += ["", "| mlyard beside MLflow | requests a second | processor time a request |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {both['rate']:.1f}x | {both['cpu']:.1f}x |" for name, both in found["ratios"].items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="of load in each round")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--no-install", action="store_true", help="keep the environments of the last time")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with machine.alone(CACHE), ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found: dict[str, Any] = {"machine": machine.describe()}
        for system in SYSTEMS:
            if not options.no_install:
                say(f"installing {system.package}")
                install(system)
        found["versions"] = {system.package: system.version() for system in SYSTEMS}
        folders = {}
        for scorer in SCORERS:
            port = free_port()
            trainer = MLFLOW if scorer.system is MLYARD else scorer.system
            folder = root / trainer.package
            if not folder.exists():
                folder.mkdir()
                save_models(trainer, folder, port)
            folders[scorer] = (folder, port)
        found["starts"], found["memory_mb"] = alone(folders, options.starts)
        servers = [stack.enter_context(running(scorer, *place)) for scorer, place in folders.items()]
        check_answers(servers)
        measured = measure(servers, options)
        found["loads"] = {load: {n: summary(r) for n, r in names.items()} for load, names in measured.items()}
        found["ratios"] = ratios(found["loads"])
    options.results.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
