"""``mlyard run``."""

from __future__ import annotations

import click

from mlyard.core.errors import InvalidParameter


@click.command("run")
@click.argument("uri")
@click.option("-e", "--entry-point", default="main", show_default=True, help="The entry point, or a script's name.")
@click.option("-v", "--version", metavar="COMMIT", help="The git commit or branch of a project in git.")
@click.option("-P", "--param-list", "params", metavar="NAME=VALUE", multiple=True, help="A parameter of the run.")
@click.option("--experiment-name", help="The experiment to run under, by name; made when it is new.")
@click.option("--experiment-id", help="The experiment to run under, by id.")
@click.option("--env-manager", default="local", show_default=True, help="How the environment is made: local.")
@click.option("--run-id", help="Continue this run instead of starting one.")
@click.option("--run-name", help="The run's name.")
def command(
    uri: str,
    entry_point: str,
    version: str | None,
    params: tuple[str, ...],
    experiment_name: str | None,
    experiment_id: str | None,
    env_manager: str,
    run_id: str | None,
    run_name: str | None,
) -> None:
    """Run the project at URI: a folder with an MLproject file.

    The run's parameters, output and result are logged to the tracking store
    (MLYARD_TRACKING_URI; by default a database in the current folder).
    """
    from mlyard.projects.run import run

    submitted = run(
        uri,
        entry_point=entry_point,
        version=version,
        parameters=_parameters(params),
        experiment_name=experiment_name,
        experiment_id=experiment_id,
        env_manager=env_manager,
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
