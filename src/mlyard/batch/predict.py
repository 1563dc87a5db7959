"""Scoring a file with a model by its URI, in the environment that it needs."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from mlyard.batch.score import HERE, Batch, Progress, score
from mlyard.core.errors import MlyardError
from mlyard.models.environment import environment_of
from mlyard.models.load import fetch


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is used in; see ``models.environment``. ``variables``: of its process."""

    env_manager: str | None = None
    with_mlflow: bool = False
    override: tuple[str, ...] = ()
    variables: dict[str, str] = {}


def predict_file(
    model_uri: str | Path,
    batch: Batch,
    surroundings: Surroundings,
    progress: Progress | None = None,
    engine: str = HERE,
) -> None:
    """Score a file, here or in an environment made for the model. Raises as ``score`` does."""
    folder = fetch(model_uri)
    environment = environment_of(
        folder, surroundings.env_manager, surroundings.override, with_mlflow=surroundings.with_mlflow
    )
    if environment is None:
        os.environ.update(surroundings.variables)
        score(folder, batch, progress, engine)
        return
    status = environment.run(_arguments(folder, batch, engine), surroundings.variables)
    if status:
        raise MlyardError(f"Scoring failed in the model's environment {str(environment.place)!r}; see above.")


def _arguments(folder: Path, batch: Batch, engine: str) -> list[str]:
    options = {
        "--model-uri": str(folder.absolute()),
        "--input-path": batch.source,
        "--output-path": batch.target,
        "--content-type": batch.form,
        "--output-type": batch.target_form,
        "--chunk-rows": batch.chunk_rows,
        "--engine": engine,
        "--env-manager": "local",
    }
    given = [(name, str(value)) for name, value in options.items() if value is not None]
    return ["models", "predict", *(part for pair in given for part in pair)]
