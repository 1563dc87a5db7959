"""Options that several commands of ``mlyard models`` have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from mlyard.core.errors import InvalidParameter

F = TypeVar("F", bound=Callable[..., Any])

model_uri_option = click.option(
    "-m", "--model-uri", required=True, metavar="URI", help="runs:/<id>/model, models:/<name>/<version>, a folder…"
)


def environment_options(command: F) -> F:
    """``--env-manager`` and ``--install-mlflow``."""
    manager = click.option(
        "--env-manager", type=click.Choice(["local", "uv", "virtualenv", "conda"]),
        help="How the model's environment is made; local: it is used in this one. [default: uv, where need be]",
    )  # fmt: skip
    mlflow = click.option(
        "--install-mlflow", is_flag=True, help="Also install the MLflow that the model names, where mlyard needs none."
    )
    return manager(mlflow(command))


def image_options(command: F) -> F:
    """Options of the commands that make images."""
    options = [
        click.option("-m", "--model-uri", metavar="URI", help="The model; without one, it is mounted later."),
        click.option("--base-image", metavar="NAME", help="What to start from. [default: python:<the model's>-slim]"),
        click.option("-w", "--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes."),
        environment_options,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def pairs(given: Iterable[str]) -> dict[str, str]:
    """KEY=VALUE options. Raises InvalidParameter."""
    split = [each.partition("=") for each in given]
    for key, equals, value in split:
        if not key or not equals:
            raise InvalidParameter(f"--env takes KEY=VALUE, not {key + value!r}.")
    return {key: value for key, _, value in split}
