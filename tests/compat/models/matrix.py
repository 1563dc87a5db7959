"""Which models travel between mlyard and MLflow: each kind, saved by one and loaded by the other.

    python tests/compat/models/matrix.py           # prints the table
    python tests/compat/models/matrix.py --write   # and puts it into docs/guide/models.md

Each library runs in an environment of its own, in processes of its own; `tools/mlflow-clients` makes them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
PAGE = ROOT / "docs" / "guide" / "models.md"
VERSIONS = ("1.30.1", "2.22.5", "3.17.2")
NEWEST = VERSIONS[-1]
MLYARD = "mlyard"
_MARKS = ("<!-- matrix: made by tests/compat/models/matrix.py -->\n", "<!-- /matrix -->\n")


@dataclass(frozen=True)
class Trip:
    """Models saved by ``saver`` (mlyard, or a version of MLflow), loaded by ``loader`` in one way."""

    saver: str
    loader: str
    way: str

    @property
    def title(self) -> str:
        """The head of its column."""
        names = [name if name == MLYARD else f"MLflow {name}" for name in (self.saver, self.loader)]
        return f"{names[0]} → {names[1]}, {self.way}"


TRIPS = (
    *(Trip(version, MLYARD, way) for version in VERSIONS for way in ("pyfunc", "sklearn")),
    *(Trip(MLYARD, NEWEST, way) for way in ("pyfunc", "sklearn", "serve")),
)
Results = dict[Trip, dict[str, Any]]


def python_of(library: str) -> str:
    """The interpreter of the environment that has a library."""
    return sys.executable if library == MLYARD else str(ROOT / f".cache/mlflow-{library}/bin/python")


def run(library: str, script: str, *arguments: str, folder: Path) -> str:
    """Run one of the scripts beside this file; what it prints. Raises CalledProcessError."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLYARD_", "MLFLOW_"))}
    environment = {**kept, "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"}
    module = "mlyard" if library == MLYARD else "mlflow"
    command = [python_of(library), str(HERE / script), module, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stderr[-3000:]}"
    return done.stdout


def make(library: str, folder: Path) -> Path:
    """A folder with a model of each kind that the library can save."""
    work, models = folder / "work", folder / "models"
    work.mkdir(parents=True)
    run(library, "making.py", str(models), folder=work)
    return models


def answers(trip: Trip, models: Path) -> dict[str, Any]:
    """By kind: what the loaded models answer; the text of the error where one fails."""
    printed = run(trip.loader, "calling.py", str(models), trip.way, folder=models.parent)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def measure(folder: Path) -> Results:
    """All trips."""
    made = {saver: make(saver, folder / saver) for saver in dict.fromkeys(trip.saver for trip in TRIPS)}
    return {trip: answers(trip, made[trip.saver]) for trip in TRIPS}


def table(results: Results, expected: dict[str, Any]) -> str:
    """The table in Markdown: a row a kind, a column a trip; '–' where there is no such model."""
    lines = [f"| kind | {' | '.join(trip.title for trip in results)} |", "|---" * (len(results) + 1) + "|"]
    for kind, value in expected.items():
        cells = ["–" if kind not in found else "yes" if found[kind] == value else "NO" for found in results.values()]
        lines.append(f"| {kind.replace('-', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def table_in_docs() -> str:
    """The table as the guide has it."""
    return PAGE.read_text(encoding="utf-8").partition(_MARKS[0])[2].partition(_MARKS[1])[0]


def expected_answers() -> dict[str, Any]:
    """By kind, what is right: the model's own library says so."""
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import ElasticNet
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data, target = load_diabetes(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), ElasticNet(alpha=0.1)).fit(data, target)
    numbers = [round(float(value), 6) for value in model.predict(data.head(3))]
    return {
        "sklearn-pickle": numbers,
        "sklearn-cloudpickle": numbers,
        "sklearn-skops": numbers,
        "python-class": ["HELLO!"] * 3,
        "python-holding-a-model": numbers,
        "python-function": [3],
        "python-typed": ["A", "B"],
        "python-script": ["saved"] * 3,
        "python-module": ["from data"] * 3,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        text = table(measure(Path(temporary)), expected_answers())
    print(text)
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        pattern = re.compile(f"({re.escape(_MARKS[0])}).*({re.escape(_MARKS[1])})", re.DOTALL)
        PAGE.write_text(pattern.sub(lambda found: found[1] + text + found[2], page), encoding="utf-8")
