"""``mlyard models``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlyard.cli.lazy import LazyGroup
from mlyard.cli.model_options import environment_options

if TYPE_CHECKING:
    from mlyard.serving.server import Service


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
@click.option("-w", "--workers", type=click.IntRange(1), help="How many processes answer. [default: 1]")
@click.option(
    "-t",
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    help="Seconds that one request may take. [default: 60]",
)
@click.option(
    "--batch/--no-batch",
    default=True,
    show_default=True,
    help="Whether requests that wait for the model go into it together, where its kind allows it.",
)
@click.option(
    "--queue",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="Requests that a process lets in before it answers 503.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="What serves: processes of this machine, or replicas on a Ray cluster, by Ray Serve.",
)
@environment_options
@click.option("--no-conda", is_flag=True, hidden=True, help="The same as --env-manager local.")
def serve(
    model_uri: str,
    host: str,
    port: int,
    workers: int | None,
    timeout: float | None,
    batch: bool,
    queue: int,
    engine: str,
    env_manager: str | None,
    install_mlflow: bool,
    no_conda: bool,
) -> None:
    """Answer predictions of a model over HTTP: POST /invocations.

    GET /ping, /health, /version, /metrics for Prometheus, /docs for people and /openapi.json for programs.
    Without --env-manager, uv makes an environment for the model if this one lacks what the model asks for.
    """
    from mlyard.core import settings
    from mlyard.serving.server import Service
    from mlyard.serving.server import serve as serve_model

    service = Service(
        model_uri=model_uri,
        host=host,
        port=port,
        timeout=settings.SCORING_TIMEOUT.get() if timeout is None else timeout,
        workers=workers or settings.SCORING_WORKERS.get(),
        batch=batch,
        queue=queue,
        env_manager="local" if no_conda else env_manager,
        install_mlflow=install_mlflow,
    )
    if engine == "ray":
        _on_ray(service)
    elif status := serve_model(service):
        raise SystemExit(status)


def _on_ray(service: Service) -> None:
    from mlyard.core.errors import InvalidParameter
    from mlyard.serving.on_ray import serve_on_ray

    if service.env_manager not in (None, "local"):
        raise InvalidParameter(f"Ray's workers use their own environment: --env-manager {service.env_manager} is not.")
    serve_on_ray(service.model_uri, service.host, service.port, service.timeout, service.workers)
