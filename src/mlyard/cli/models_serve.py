"""``mlyard models serve``."""

from __future__ import annotations

import click

from mlyard.cli.model_options import environment_options, model_uri_option
from mlyard.core import settings
from mlyard.core.lazy import need


@click.command("serve")
@model_uri_option
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
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
    help="What answers: processes of this machine, or Ray Serve.",
)  # fmt: skip
@environment_options
@click.option("--no-conda", is_flag=True, hidden=True, help="The same as --env-manager local.")
def command(
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

    GET /ping, /health, /version, /metrics for Prometheus, /docs for people and /openapi.json for programs. Without
    --env-manager, uv makes an environment for the model if this one lacks what the model asks for.
    """
    need("uvicorn", "server")
    need("pandas", "models")
    seconds = settings.SCORING_TIMEOUT.get() if timeout is None else timeout
    processes = workers or settings.SCORING_WORKERS.get()
    if engine == "ray":
        from mlyard.scoring.on_ray import serve_on_ray

        serve_on_ray(model_uri, host, port, seconds, processes)
        return
    from mlyard.hosting.network import leave
    from mlyard.scoring.launch import ServeOptions, launch

    options = ServeOptions(host=host, port=port, timeout=seconds, workers=processes, batch=batch, queue=queue)
    leave(launch(model_uri, options, "local" if no_conda else env_manager, install_mlflow))
