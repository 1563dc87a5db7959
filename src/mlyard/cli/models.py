"""``mlyard models``."""

from __future__ import annotations

import click

from mlyard.cli.lazy import LazyGroup


@click.group(
    "models",
    cls=LazyGroup,
    lazy={
        "serve": ("mlyard.cli.models_serve", "Answer predictions over HTTP."),
        "inspect": ("mlyard.cli.models_inspect", "Say which files of a model run code when it is loaded."),
        "predict": ("mlyard.cli.models_predict", "Score a file of any size."),
        "prepare-env": ("mlyard.cli.models_prepare_env", "Make the environment that a model needs."),
        "update-pip-requirements": ("mlyard.cli.models_requirements", "Add or remove what a model requires."),
        "generate-dockerfile": ("mlyard.cli.models_dockerfile", "Write the Dockerfile of an image that serves."),
        "build-docker": ("mlyard.cli.models_build_docker", "Build an image that serves."),
    },
)
def command() -> None:
    """Look at models, serve them, score files with them, and make their environments and images."""
