"""``mlyard models``."""

from __future__ import annotations

import click

from mlyard.cli.lazy import LazyGroup


@click.group(
    "models",
    cls=LazyGroup,
    lazy={
        "serve": ("mlyard.cli.models_serve", "Serve a model over HTTP."),
        "inspect": ("mlyard.cli.models_inspect", "Show which files of a model run code when it is loaded."),
        "predict": ("mlyard.cli.models_predict", "Score a file of any size."),
        "prepare-env": ("mlyard.cli.models_prepare_env", "Create the environment that a model needs."),
        "update-pip-requirements": ("mlyard.cli.models_requirements", "Add or remove requirements of a model."),
        "generate-dockerfile": (
            "mlyard.cli.models_dockerfile",
            "Write the Dockerfile of an image that serves a model.",
        ),
        "build-docker": ("mlyard.cli.models_build_docker", "Build an image that serves a model."),
    },
)
def command() -> None:
    """Inspect models, serve them, score files with them, and create their environments and images."""
