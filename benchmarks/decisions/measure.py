"""What the decisions' measurements share: whole-process figures and medians of interleaved rounds."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

HOST = "127.0.0.1"


def interleaved(candidates: Mapping[str, Callable[[], float]], rounds: int = 5) -> dict[str, float]:
    """The median of each candidate's figure, taken in turns so that noise hits all alike."""
    figures: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            figures[name].append(measure())
    return {name: statistics.median(values) for name, values in figures.items()}


def rate(work: Callable[[], object], seconds: float = 1.0) -> float:
    """Calls a second."""
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        work()
        count += 1
    return count / elapsed


def import_ms(module: str) -> float:
    """Milliseconds that importing takes in a new interpreter, less an empty interpreter's."""

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    both = interleaved({"with": lambda: run(f"import {module}"), "without": lambda: run("pass")})
    return 1000 * (both["with"] - both["without"])


def tree_mb(pid: int) -> float:
    """Resident memory of a process and its children, shared pages split among their users (PSS)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return own / 1024 + sum(tree_mb(int(child)) for child in children)


def first_answer(url: str, seconds: float = 20) -> float:
    """Seconds until the address answers."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        try:
            urllib.request.urlopen(url, timeout=1).read()
        except OSError:
            continue
        return time.perf_counter() - start
    raise TimeoutError(url)


def table(title: str, rows: Mapping[str, float], unit: str) -> None:
    """Print one candidate a line, with its ratio to the first."""
    print(f"\n{title} ({unit})")
    base = next(iter(rows.values()))
    for name, value in rows.items():
        print(f"  {name:42} {value:12,.2f}  x{value / base:.2f}")
