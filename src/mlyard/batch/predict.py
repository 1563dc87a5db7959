"""Scores a file with the model of a URI, in the environment that the model needs."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from mlyard.batch.score import HERE, Progress, ScoringJob, score
from mlyard.core.errors import MlyardError
from mlyard.models.environment import environment_of
from mlyard.models.load import fetch


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a model runs; see ``models.environment``. ``variables``: environment variables of its process."""

    env_manager: str | None = None
    with_mlflow: bool = False
    override: tuple[str, ...] = ()
    variables: dict[str, str] = {}


def predict_file(
    model_uri: str | Path,
    job: ScoringJob,
    surroundings: Surroundings,
    progress: Progress | None = None,
    engine: str = HERE,
) -> None:
    """Score a file, in this process or in an environment created for the model. Raises the errors of ``score``."""
    folder = fetch(model_uri)
    environment = environment_of(
        folder, surroundings.env_manager, surroundings.override, with_mlflow=surroundings.with_mlflow
    )
    if environment is None:
        os.environ.update(surroundings.variables)
        score(folder, job, progress, engine)
        return
    status = environment.run(_arguments(folder, job, engine), surroundings.variables)
    if status:
        raise MlyardError(f"Scoring failed in the environment {str(environment.place)!r}; its message is above.")


def _arguments(folder: Path, job: ScoringJob, engine: str) -> list[str]:
    options = {
        "--model-uri": str(folder.absolute()),
        "--input-path": job.source,
        "--output-path": job.target,
        "--content-type": job.form,
        "--output-type": job.target_form,
        "--chunk-rows": job.chunk_rows,
        "--engine": engine,
        "--env-manager": "local",
    }
    given = [(name, str(value)) for name, value in options.items() if value is not None]
    return ["models", "predict", *(part for pair in given for part in pair)]
