"""``mlyard alias``."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import click


@click.group("alias")
def command() -> None:
    """Let `import mlflow` mean mlyard in the current environment.

    The alias is a small package `mlflow`. Libraries that check for MLflow and its version find it too. For single
    scripts, `mlyard python` needs no alias.
    """


@command.command("install")
def install() -> None:
    """Install the alias. Refused if MLflow is installed."""
    from mlyard.envs import alias

    alias.install(_site())
    click.echo(f"`import mlflow` now means {alias.description()}, in {_site()}.")


@command.command("remove")
def remove() -> None:
    """Remove the alias."""
    from mlyard.envs import alias

    found = alias.remove(_site())
    click.echo(f"Removed the alias from {_site()}." if found else f"The alias is not installed in {_site()}.")


def _site() -> Path:
    return Path(sysconfig.get_path("purelib"))
