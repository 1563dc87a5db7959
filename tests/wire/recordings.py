"""The scenarios, and the recordings of them: MLflow's answers as files."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from steps import Step

FOLDER = Path(__file__).parent
RECORDED = FOLDER / "recorded"
MLFLOW_VERSION = "3.17.2"
NAMES = sorted(file.stem for file in (FOLDER / "scenarios").glob("*.py") if not file.stem.startswith("_"))


def scenario(name: str) -> list[Step]:
    """The steps as they are written."""
    steps: list[Step] = importlib.import_module(f"scenarios.{name}").STEPS
    return steps


def store(name: str, steps: list[Step], results: list[dict[str, Any]]) -> None:
    """Write the recording: a step a line, so that changes can be read."""
    lines = [
        json.dumps({**step.to_json(), **result}, ensure_ascii=False)
        for step, result in zip(steps, results, strict=True)
    ]
    text = f'{{"mlflow": "{MLFLOW_VERSION}", "steps": [\n' + ",\n".join(lines) + "\n]}\n"
    (RECORDED / f"{name}.json").write_text(text)


def load(name: str) -> tuple[list[Step], list[dict[str, Any]]]:
    """The recorded steps and MLflow's answers."""
    steps, results = [], []
    for line in json.loads((RECORDED / f"{name}.json").read_text())["steps"]:
        results.append({"status": line.pop("status"), "answer": line.pop("answer")})
        steps.append(Step(**line))
    return steps, results
