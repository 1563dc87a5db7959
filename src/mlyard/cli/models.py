"""``mlyard models``."""

from __future__ import annotations

import click

from mlyard.cli.lazy import LazyGroup


@click.group(
    "models",
    cls=LazyGroup,
    lazy={
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


@command.command("serve")
@click.option(
    "-m", "--model-uri", required=True, metavar="URI", help="runs:/<id>/model, models:/<name>/<stage>, a folder…"
)
@click.option("-h", "--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("-p", "--port", default=5000, show_default=True, type=click.IntRange(0, 65535), help="The port.")
@click.option("-t", "--timeout", default=60, show_default=True, help="Seconds that one request may take.")
@click.option("--env-manager", default="local", show_default=True, help="How the environment is made: local.")
@click.option("--no-conda", is_flag=True, hidden=True, help="The same as --env-manager local.")
def serve(model_uri: str, host: str, port: int, timeout: int, env_manager: str, no_conda: bool) -> None:
    """Answer predictions of a model over HTTP: POST /invocations, GET /ping, /health and /version."""
    from mlyard.core.errors import InvalidParameter
    from mlyard.serving.server import serve as serve_model

    if env_manager != "local" and not no_conda:
        raise InvalidParameter(f"The environment manager {env_manager!r} is not supported yet: use local.")
    serve_model(model_uri, host, port, timeout)
