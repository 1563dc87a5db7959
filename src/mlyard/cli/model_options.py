"""Options that several commands of ``mlyard models`` share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from mlyard.core.errors import InvalidParameter

F = TypeVar("F", bound=Callable[..., Any])

model_uri_option = click.option(
    "-m",
    "--model-uri",
    required=True,
    metavar="URI",
    help="Model to use: runs:/<id>/model, models:/<name>/<version>, a folder…",
)


def environment_options(command: F) -> F:
    """``--env-manager`` and ``--install-mlflow``."""
    manager = click.option(
        "--env-manager", type=click.Choice(["local", "uv", "virtualenv", "conda"]),
        help="Tool that creates the model's environment; local: use the current one. [default: uv, if one is needed]",
    )  # fmt: skip
    mlflow = click.option(
        "--install-mlflow",
        is_flag=True,
        help="Also install the version of MLflow that the model requires. mlyard works without it.",
    )
    return manager(mlflow(command))


def image_options(command: F) -> F:
    """Options of the commands that create images."""
    options = [
        click.option(
            "-m",
            "--model-uri",
            metavar="URI",
            help="Model in the image; without it, a model must be mounted when the image runs.",
        ),
        click.option("--base-image", metavar="NAME", help="Image to build on. [default: python:<version>-slim]"),
        click.option(
            "-w", "--workers", type=click.IntRange(1), default=1, show_default=True, help="Number of server processes."
        ),
        environment_options,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def pairs(given: Iterable[str]) -> dict[str, str]:
    """Parse KEY=VALUE options. Raises InvalidParameter."""
    split = [each.partition("=") for each in given]
    for key, equals, value in split:
        if not key or not equals:
            raise InvalidParameter(f"Invalid value {key + equals + value!r} for --env: write KEY=VALUE.")
    return {key: value for key, _, value in split}
