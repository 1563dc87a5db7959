"""``mlyard models predict``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mlyard.cli.model_options import environment_options, model_uri_option, pairs


@click.command("predict")
@model_uri_option
@click.option(
    "-i", "--input-path", type=click.Path(path_type=Path), metavar="FILE",
    help="File to score. [default: standard input]",
)  # fmt: skip
@click.option(
    "-o", "--output-path", type=click.Path(path_type=Path), metavar="FILE",
    help="File for the predictions; written completely or not at all. [default: standard output]",
)  # fmt: skip
@click.option(
    "-t", "--content-type", type=click.Choice(["json", "jsonl", "csv", "parquet"]),
    help="Format of the input. [default: by its file name, else json]",
)  # fmt: skip
@click.option(
    "--output-type", type=click.Choice(["json", "jsonl", "csv", "parquet"]),
    help="Format of the output. [default: by its file name (.jsonl, .parquet), else json]",
)  # fmt: skip
@click.option(
    "--chunk-rows", type=click.IntRange(1), default=10_000, show_default=True, help="Rows scored in one call."
)
@click.option(
    "--engine", type=click.Choice(["local", "ray", "spark"]), default="local", show_default=True,
    help="Where to score: in this process, or on a Ray or Spark cluster.",
)  # fmt: skip
@environment_options
@click.option(
    "-r", "--pip-requirements-override", metavar="REQ,…",
    help="Comma-separated requirements that override the model's, such as pandas==2.2.3,scipy.",
)  # fmt: skip
@click.option("--env", "variables", multiple=True, metavar="KEY=VALUE", help="An environment variable for the model.")
def command(
    model_uri: str,
    input_path: Path | None,
    output_path: Path | None,
    content_type: str | None,
    output_type: str | None,
    chunk_rows: int,
    engine: str,
    env_manager: str | None,
    install_mlflow: bool,
    pip_requirements_override: str | None,
    variables: tuple[str, ...],
) -> None:
    """Score a CSV, JSON or Parquet file with a model; it may be larger than memory.

    JSON input is a request body of the scoring server, a list of rows, or one row per line. JSON output is
    {"predictions": […]}. Without --env-manager, uv creates an environment for the model if the current one does not
    meet the model's requirements.
    """
    from mlyard.batch.predict import Surroundings, predict_file
    from mlyard.batch.score import ScoringJob

    job = ScoringJob(
        source=input_path, target=output_path, form=content_type, target_form=output_type, chunk_rows=chunk_rows
    )
    surroundings = Surroundings(
        env_manager=env_manager,
        with_mlflow=install_mlflow,
        override=tuple(filter(None, (pip_requirements_override or "").split(","))),
        variables=pairs(variables),
    )
    with _bar() as progress:
        predict_file(model_uri, job, surroundings, progress, engine)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1000, label="Scoring", file=sys.stderr, show_pos=False) as bar:
        yield lambda done, size: bar.update(round(1000 * done / max(1, size)) - bar.pos)
