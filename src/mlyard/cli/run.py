"""``mlyard run``."""

from __future__ import annotations

from typing import Any

import click

from mlyard.core.errors import InvalidParameter


@click.command("run")
@click.argument("uri")
@click.option("-e", "--entry-point", default="main", show_default=True, help="Entry point, or the name of a script.")
@click.option("-v", "--version", metavar="VERSION", help="Branch, tag or commit of a project in git.")
@click.option("-P", "--param-list", "params", metavar="NAME=VALUE", multiple=True, help="Parameter of the entry point.")
@click.option("--experiment-name", help="Name of the experiment; created if it does not exist.")
@click.option("--experiment-id", help="Id of the experiment.")
@click.option(
    "-b",
    "--backend",
    metavar="NAME",
    default="local",
    show_default=True,
    help="Where to run: local, ray, kubernetes, slurm, or a backend of another package.",
)
@click.option("-c", "--backend-config", metavar="FILE|JSON", help="What to tell the backend: a file, or JSON.")
@click.option(
    "--env-manager",
    type=click.Choice(["uv", "virtualenv", "conda", "local"]),
    help="What makes the environment that the project names; local runs in the current one. "
    "[default: uv if the project names an environment, docker for a docker_env, otherwise local]",
)
@click.option("--strict-env", is_flag=True, help="Refuse packages that differ from what the project asks for.")
@click.option(
    "--keep-mlflow", is_flag=True, help="Install the MLflow that the project requires. Without this, mlyard is mlflow."
)
@click.option(
    "-A",
    "--docker-args",
    metavar="NAME[=VALUE]",
    multiple=True,
    help="Option for `docker run`, without its dashes: -A gpus=all.",
)
@click.option("--build-image", is_flag=True, help="Build an image with the project in it, on its docker_env's image.")
@click.option(
    "--storage-dir",
    type=click.Path(file_okay=False),
    help="Folder for downloads: the values of parameters of the type path that are URIs.",
)
@click.option("--run-id", help="Id of a run to continue, instead of starting a new one.")
@click.option("--run-name", help="Name of the run.")
@click.option(
    "--sweep",
    metavar="SEARCH",
    help="Try many parameters, as child runs: grid (all combinations), random:N or tpe:N (N points). A parameter is a "
    "list with commas, or a range as in 1e-5..1e-1:log.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs of a sweep at a time.")
@click.option("--minimize", metavar="METRIC", help="Metric of a sweep that should be small.")
@click.option("--maximize", metavar="METRIC", help="Metric of a sweep that should be large.")
@click.option("--resume", is_flag=True, help="Go on with the last sweep like this one, with what is missing.")
@click.option("--seed", type=int, help="Makes the points of a sweep the same each time.")
def command(
    uri: str,
    entry_point: str,
    version: str | None,
    params: tuple[str, ...],
    experiment_name: str | None,
    experiment_id: str | None,
    backend: str,
    backend_config: str | None,
    env_manager: str | None,
    strict_env: bool,
    keep_mlflow: bool,
    docker_args: tuple[str, ...],
    build_image: bool,
    storage_dir: str | None,
    run_id: str | None,
    run_name: str | None,
    sweep: str | None,
    jobs: int,
    minimize: str | None,
    maximize: str | None,
    resume: bool,
    seed: int | None,
) -> None:
    """Run the project at URI.

    URI is a folder; a git repository (https://, ssh://, git@host:path, file://, github.com/user/repository); or a zip
    file. `URI#folder` names a folder in it. The MLproject file in that folder says what to run; without one, its .py
    and .sh files are entry points.

    The run's parameters, its output and its result are logged to the tracking store
    (MLYARD_TRACKING_URI; by default a database in the current folder).
    """
    parameters = _parameters(params)
    common = {
        "entry_point": entry_point,
        "version": version,
        "experiment_name": experiment_name,
        "experiment_id": experiment_id,
        "backend": backend,
        "backend_config": backend_config,
        "storage_dir": storage_dir,
        "run_name": run_name,
        "env_manager": env_manager,
        "strict_env": strict_env,
        "keep_mlflow": keep_mlflow,
        "docker_args": _docker_args(docker_args),
        "build_image": build_image,
    }
    if sweep is None:
        if jobs != 1 or minimize or maximize or resume or seed is not None:
            raise InvalidParameter("--jobs, --minimize, --maximize, --resume and --seed need --sweep.")
        _run(uri, parameters, run_id, common)
        return
    if run_id:
        raise InvalidParameter("A sweep starts its own runs: omit --run-id, or use --resume.")
    _sweep(uri, parameters, {"search": sweep, "jobs": jobs, "minimize": minimize, "maximize": maximize,
                             "resume": resume, "seed": seed, **common})  # fmt: skip


def _run(uri: str, parameters: dict[str, str], run_id: str | None, common: dict[str, Any]) -> None:
    from mlyard.projects.running import run

    submitted = run(uri, parameters=parameters, run_id=run_id, **common)
    click.echo(f"Run {submitted.run_id} is {submitted.status}.", err=True)


def _sweep(uri: str, parameters: dict[str, str], options: dict[str, Any]) -> None:
    from mlyard.projects.sweeps import sweep

    done = sweep(uri, parameters, **options)
    best = f" The best is {done.best_run_id}." if done.best_run_id else ""
    click.echo(f"Sweep {done.run_id}: {len(done.run_ids)} runs are FINISHED.{best}", err=True)


def _parameters(given: tuple[str, ...]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidParameter(f"Invalid parameter {text!r}: write it as -P name=value.")
        if name in parameters:
            raise InvalidParameter(f"The parameter {name!r} is given more than once.")
        parameters[name] = value
    return parameters


def _docker_args(given: tuple[str, ...]) -> dict[str, str | bool]:
    pairs = (text.partition("=") for text in given)
    return {name: value if equals else True for name, equals, value in pairs}
