"""``mlyard run``."""

from __future__ import annotations

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
    "--env-manager", default="local", show_default=True, help="Environment to run in; only local is supported."
)
@click.option(
    "--storage-dir",
    type=click.Path(file_okay=False),
    help="Folder for downloads: the values of parameters of the type path that are URIs.",
)
@click.option("--run-id", help="Id of a run to continue, instead of starting a new one.")
@click.option("--run-name", help="Name of the run.")
def command(
    uri: str,
    entry_point: str,
    version: str | None,
    params: tuple[str, ...],
    experiment_name: str | None,
    experiment_id: str | None,
    env_manager: str,
    storage_dir: str | None,
    run_id: str | None,
    run_name: str | None,
) -> None:
    """Run the project at URI.

    URI is a folder; a git repository (https://, ssh://, git@host:path, file://, github.com/user/repository); or a zip
    file. `URI#folder` names a folder in it. The MLproject file in that folder says what to run; without one, its .py
    and .sh files are entry points.

    The run's parameters, its output and its result are logged to the tracking store
    (MLYARD_TRACKING_URI; by default a database in the current folder).
    """
    from mlyard.projects.running import run

    submitted = run(
        uri,
        entry_point=entry_point,
        version=version,
        parameters=_parameters(params),
        experiment_name=experiment_name,
        experiment_id=experiment_id,
        env_manager=env_manager,
        storage_dir=storage_dir,
        run_id=run_id,
        run_name=run_name,
    )
    click.echo(f"Run {submitted.run_id} is {submitted.status}.", err=True)


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
