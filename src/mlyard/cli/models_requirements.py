"""``mlyard models update-pip-requirements``."""

from __future__ import annotations

import click

from mlyard.cli.model_options import model_uri_option


@click.command("update-pip-requirements")
@model_uri_option
@click.argument("operation", type=click.Choice(["add", "remove"]))
@click.argument("requirements", nargs=-1, required=True)
def command(model_uri: str, operation: str, requirements: tuple[str, ...]) -> None:
    """Add requirements to a model ("pandas==2.2.3" "scipy>=1.10"), or remove them by name.

    A new requirement replaces the model's requirement of the same name. Registered model versions cannot be changed.
    """
    from pathlib import Path

    from mlyard.envs.requirements import check_requirements
    from mlyard.models.change import update_model_requirements

    check_requirements(requirements, Path())
    update_model_requirements(model_uri, operation, list(requirements))
    click.echo(f"{operation}: {', '.join(requirements)}")
