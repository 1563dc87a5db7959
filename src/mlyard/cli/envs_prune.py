"""``mlyard envs prune``."""

from __future__ import annotations

import time

import click


@click.command("prune")
@click.option(
    "--older-than",
    default="30d",
    show_default=True,
    metavar="AGE",
    help="Remove environments that were not used for this long, such as 12h or 30d; 0s: all.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be removed, without removing it.")
def command(older_than: str, dry_run: bool) -> None:
    """Remove environments that were not used for a while. They are made again when they are needed.

    An environment that is being made is kept. Do not remove environments in which something still runs.
    """
    from mlyard.cli.envs_progress import Steps
    from mlyard.envs.cache import listed, remove, size_of
    from mlyard.services.gc import age_ms

    age = age_ms(older_than) / 1000
    found = [each for each in listed() if time.time() - each.used >= age]
    steps = Steps("Removing", len(found))
    freed = removed = 0
    for each in found:
        size = size_of(each.place)
        if dry_run or remove(each.place, age):
            freed += size
            removed += 1
            click.echo(f"{'would remove' if dry_run else 'removed'} {each.place.name}  {each.purpose}")
        steps.done()
    what = "environment" if removed == 1 else "environments"
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {removed} {what}: {freed / 1e6:,.0f} MB.")
