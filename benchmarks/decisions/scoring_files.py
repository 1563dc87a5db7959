"""Scoring a file by command, beside MLflow: seconds, and the most memory. Decided ADR 0015.

python benchmarks/decisions/scoring_files.py [ROWS…]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

import mlyard

MLFLOW = Path(".cache/mlflow-3.17.2/bin/mlflow").absolute()
COLUMNS = list("abcde")


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds and MB of a command and its children."""
    start = time.perf_counter()
    # A small shell in between, so that the figure is not this process's own.
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL); "
    script += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - start, int(done.stdout.split()[-1]) / 1024


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        example = pd.DataFrame(np.random.default_rng(0).random((100, len(COLUMNS))), columns=COLUMNS)
        model = LinearRegression().fit(example, example["a"])
        mlyard.sklearn.save_model(model, folder / "m", input_example=example.head(2), pip_requirements=[])
        for rows in sizes:
            frame = pd.DataFrame(np.random.default_rng(1).random((rows, len(COLUMNS))), columns=COLUMNS)
            frame.to_csv(folder / "in.csv", index=False)
            (folder / "in.json").write_text(f'{{"dataframe_split": {frame.to_json(orient="split", index=False)}}}')
            for form in ("csv", "json"):
                arguments = ["models", "predict", "-m", "m", "-i", f"in.{form}", "-t", form, "--env-manager", "local"]
                size = (folder / f"in.{form}").stat().st_size / 2**20
                for name, program in (
                    ("mlyard", [sys.executable, "-m", "mlyard"]),
                    ("MLflow", [str(MLFLOW)]),
                ):
                    seconds, peak = measure([*program, *arguments, "-o", f"{name}.out"], folder)
                    print(
                        f"| {rows:,} | {form} | {size:.0f} MB | {name} | {seconds:.1f} s | {peak:.0f} MB |", flush=True
                    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [100, 1_000_000])
