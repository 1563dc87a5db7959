"""``mlyard envs``."""

from __future__ import annotations

import click

from mlyard.cli.lazy import LazyGroup


@click.group(
    "envs",
    cls=LazyGroup,
    lazy={
        "list": ("mlyard.cli.envs_list", "List the environments: size, last use, what for."),
        "prune": ("mlyard.cli.envs_prune", "Remove environments that were not used for a while."),
    },
)
def command() -> None:
    """List and remove the environments of models and projects, which are kept in MLYARD_ENV_ROOT."""
