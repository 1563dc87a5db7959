"""``mlyard models serve``."""

from __future__ import annotations

import click

from mlyard.cli.model_options import environment_options, model_uri_option
from mlyard.core import settings
from mlyard.core.lazy import need


@click.command("serve")
@model_uri_option
@click.option("-h", "--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("-p", "--port", default=5000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("-w", "--workers", type=click.IntRange(1), help="Number of server processes. [default: 1]")
@click.option(
    "-t",
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    help="Maximum seconds for one request. [default: 60]",
)
@click.option(
    "--batch/--no-batch",
    default=True,
    show_default=True,
    help="Whether to pass waiting requests to the model together, if the model supports it.",
)
@click.option(
    "--queue",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="Maximum number of unanswered requests per process; further requests get 503.",
)
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
    help="Where to serve: by processes on this machine, or on Ray Serve.",
)  # fmt: skip
@environment_options
@click.option("--no-conda", is_flag=True, hidden=True, help="Alias of --env-manager local.")
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
    """Serve a model over HTTP: POST /invocations answers with predictions.

    It also answers GET /ping, /health, /version, /metrics (for Prometheus), /docs and /openapi.json. Without
    --env-manager, uv creates an environment for the model if the current one does not meet the model's requirements.
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
