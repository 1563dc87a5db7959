"""A tour of an MLflow client, run by that client's interpreter: python tour <tracking URI> [part of a step's name].

Prints a line for each step, a traceback for each that fails, and ends with status 1 if one did.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

import artifacts
import experiments
import fluent
import inputs
import logged_models
import metrics
import mlflow
import models
import prompts
import registry
import runs
import search
import versions
from basis import Tour
from mlflow.exceptions import MlflowException

PLACES = (
    experiments,
    runs,
    metrics,
    search,
    artifacts,
    inputs,
    registry,
    versions,
    prompts,
    logged_models,
    fluent,
    models,
)


def _leave_runs() -> None:
    """End what a failed step left active."""
    while mlflow.active_run() is not None:
        try:
            mlflow.end_run()
        except MlflowException as error:
            print("the active run cannot be ended:", error)


def main() -> int:
    """Run every step that the client has something for."""
    tour = Tour(sys.argv[1])
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    failed = 0
    for place in PLACES:
        for step in place.STEPS:
            name = f"{place.__name__}.{step.__name__}"
            if wanted not in name:
                continue
            tour.folder = Path(tempfile.mkdtemp(prefix=f"{step.__name__}-"))
            try:
                step(tour)
                print("passed", name, flush=True)
            except Exception:  # noqa: BLE001 - the other steps go on after any error
                failed += 1
                print("FAILED", name, traceback.format_exc(), sep="\n", flush=True)
                _leave_runs()
    missed = [] if wanted else tour.missed()
    if missed:
        print("FAILED the tour never called:", ", ".join(missed))
    print(f"{failed} steps failed with mlflow {tour.named_version}")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
