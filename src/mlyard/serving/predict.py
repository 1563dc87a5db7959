"""Predictions of a model by its URI, in the environment that it needs."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.models.loading import fetch
from mlyard.models.serving_input import FORMS, convert_input_example_to_serving_input
from mlyard.serving.batch import HERE, Batch, Progress, score
from mlyard.serving.environments import environment_of


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is used in; see ``environments.environment_of``. ``variables``: of its process."""

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
    """Score a file, here or in an environment made for the model. Raises as ``batch.score`` does."""
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


def predict(
    model_uri: str | Path,
    input_data: Any = None,
    input_path: str | Path | None = None,
    content_type: str = "json",
    output_path: str | Path | None = None,
    env_manager: str | None = None,
    install_mlflow: bool = False,
    pip_requirements_override: Sequence[str] | None = None,
    extra_envs: Mapping[str, str] | None = None,
) -> None:
    """Score ``input_data`` or a file, print the predictions or write them to ``output_path``.

    ``input_data``: a data frame, an array, lists or a dictionary as the scoring server takes them, or their text.
    Without ``env_manager``, uv makes an environment when the one that runs is not what the model asks for.
    Raises InvalidParameter when both or neither are given, and as ``batch.score`` does.
    """
    if (input_data is None) == (input_path is None):
        raise InvalidParameter("Give either 'input_data' or 'input_path'.")
    surroundings = Surroundings(
        env_manager=env_manager,
        with_mlflow=install_mlflow,
        override=tuple(pip_requirements_override or ()),
        variables=dict(extra_envs or {}),
    )
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        source = Path(input_path) if input_path is not None else Path(temporary, "input")
        if input_path is None:
            source.write_text(_text(input_data, content_type), encoding="utf-8")
        target = Path(output_path) if output_path else None
        predict_file(model_uri, Batch(source=source, target=target, form=content_type), surroundings)


def _text(data: Any, content_type: str) -> str:
    if isinstance(data, str):
        return data
    if content_type == "csv" and hasattr(data, "to_csv"):
        return str(data.to_csv(index=False))
    if content_type != "json":
        raise InvalidParameter(f"'input_data' of type {type(data).__name__} goes with 'json' or 'csv' only.")
    if isinstance(data, dict) and any(form in data for form in FORMS):
        return json.dumps(data)
    return str(convert_input_example_to_serving_input(data))
