"""``mlyard envs list``."""

from __future__ import annotations

from datetime import datetime

import click


@click.command("list")
def command() -> None:
    """List the environments, the last used first: size, last use, and what used it last."""
    from mlyard.cli.envs_progress import Steps
    from mlyard.envs.cache import listed, root, size_of

    found = listed()
    steps = Steps("Measuring", len(found))
    for each in found:
        used = datetime.fromtimestamp(each.used).astimezone().strftime("%Y-%m-%d %H:%M")
        state = each.purpose if each.is_complete else "incomplete"
        size = size_of(each.place)
        steps.done()
        click.echo(f"{each.place.name}  {size / 1e6:8,.0f} MB  {used}  {state}")
    click.echo(f"Environments: {len(found)}, in {root()}.", err=True)
