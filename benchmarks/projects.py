"""Measures what `mlyard run` adds to a script, beside MLflow.

Run it with `make bench RUN=projects.py`. The script works for two seconds of processor time, then imports mlflow and
logs a metric to a SQLite file. It is run bare, and as a project whose environment exists. A sweep of
nine runs, two at a time, is compared with nine bare scripts, two at a time. Commands take turns, figures are medians.
Writes benchmarks/results/projects.json and prints a table.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import machine
from systems import CACHE, ROOT, SYSTEMS, environment, install

RESULTS = Path(__file__).parent / "results" / "projects.json"
MLYARD, MLFLOW = (system for system in SYSTEMS if system.name in {"mlyard", "mlflow"})
OWN = str(ROOT / ".venv" / "bin" / "mlyard")
VALUES = [str(number / 10) for number in range(1, 10)]
JOBS = 2
FILES = {
    "MLproject": """
name: work
python_env: python_env.yaml
entry_points:
  main: {parameters: {alpha: float}, command: "python work.py {alpha}"}
""",
    "python_env.yaml": "dependencies: [mlflow]\n",
    "work.py": """
import sys, time
while time.process_time() < 2:
    pass
import mlflow
with mlflow.start_run():
    mlflow.log_metric("rmse", float(sys.argv[1]))
""",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with machine.alone(CACHE), tempfile.TemporaryDirectory() as temporary:
        found: dict[str, Any] = {"machine": machine.describe()}
        install(MLFLOW)
        found["seconds"] = measured(Path(temporary), options.rounds)
        options.results.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found["seconds"]))


def measured(folder: Path, rounds: int) -> dict[str, list[float]]:
    for name, text in FILES.items():
        (folder / name).write_text(text)
    variables = environment() | {"MLYARD_ENV_ROOT": str(folder / "envs"), "MLFLOW_TRACKING_URI": "sqlite:///own.db"}
    # `--env-manager local` runs the python on the PATH.
    path = f"{MLFLOW.folder / 'bin'}:{os.environ['PATH']}"
    others = environment() | {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db", "PATH": path}
    timed([OWN, "run", ".", "-P", "alpha=0.5"], folder, variables)  # makes the environment
    (made,) = (folder / "envs").glob("mlyard-*/bin/python")
    bare, local = [str(made), "work.py"], [MLFLOW.executable(), "run", ".", "--env-manager", "local"]
    found: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        row = {
            "bare": timed([*bare, "0.5"], folder, variables),
            "mlyard run": timed([OWN, "run", ".", "-P", "alpha=0.5"], folder, variables),
            "bare, with MLflow": timed([MLFLOW.python, "work.py", "0.5"], folder, others),
            "mlflow run, current environment": timed([*local, "-P", "alpha=0.5"], folder, others),
            "nine bare": nine(bare, folder, variables),
            "sweep of nine": timed(
                [OWN, "run", ".", "-P", f"alpha={','.join(VALUES)}", "--sweep", "grid", "--jobs", str(JOBS)],
                folder, variables,
            ),
        }  # fmt: skip
        if number:  # the first round writes bytecode and databases
            for name, seconds in row.items():
                found.setdefault(name, []).append(seconds)
    return found


def timed(command: list[str], folder: Path, variables: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)
    return time.perf_counter() - start


def nine(command: list[str], folder: Path, variables: dict[str, str]) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda value: timed([*command, value], folder, variables), VALUES))
    return time.perf_counter() - start


def table(seconds: dict[str, list[float]]) -> str:
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    rows = [
        ("a run in an environment that is there", "mlyard run", "bare"),
        ("a run in the current environment, MLflow", "mlflow run, current environment", "bare, with MLflow"),
        ("a sweep of nine", "sweep of nine", "nine bare"),
    ]
    lines = ["| | bare | run | more | ratio |", "| --- | ---: | ---: | ---: | ---: |"]
    for what, run, bare in rows:
        more, ratio = middle[run] - middle[bare], middle[run] / middle[bare]
        lines.append(f"| {what} | {middle[bare]:.2f} s | {middle[run]:.2f} s | {more:.2f} s | {ratio:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
