"""``mlyard models prepare-env``."""

from __future__ import annotations

import click

from mlyard.cli.model_options import environment_options, model_uri_option


@click.command("prepare-env")
@model_uri_option
@environment_options
def command(model_uri: str, env_manager: str | None, install_mlflow: bool) -> None:
    """Create the environment that a model needs, so that `predict` and `serve` start without delay later."""
    from mlyard.models.environment import environment_of
    from mlyard.models.load import fetch

    environment = environment_of(fetch(model_uri), env_manager, with_mlflow=install_mlflow)
    if environment is None:
        click.echo("The current environment is used; nothing was created.")
    else:
        click.echo(str(environment.place))
