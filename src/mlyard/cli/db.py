"""``mlyard db``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mlyard.core.errors import InvalidState

if TYPE_CHECKING:
    from mlyard.stores.sql.database import Database


@click.group("db")
def command() -> None:
    """Look at a database's schema, and bring it up to date."""


@command.command("upgrade")
@click.argument("uri")
def upgrade(uri: str) -> None:
    """Create or migrate the schema of the database at URI. Servers do it by themselves when they start."""
    from mlyard.stores.sql import migrations

    with _opened(uri) as database:
        before = migrations.current(database)
        migrations.upgrade(database)
        how = "" if before == migrations.HEAD else f" (migrated from {before})" if before else " (created)"
        click.echo(f"The schema is up to date: {migrations.HEAD}{how}")


@command.command("current")
@click.argument("uri")
def current(uri: str) -> None:
    """Print the schema's version, and the one that this mlyard wants."""
    from mlyard.stores.sql import migrations

    with _opened(uri) as database:
        click.echo(f"{migrations.current(database) or 'none'} (this mlyard wants {migrations.HEAD})")


@command.command("check")
@click.argument("uri")
def check(uri: str) -> None:
    """Fail when the schema is not the one that this mlyard wants."""
    from mlyard.stores.sql import migrations

    with _opened(uri) as database:
        found = migrations.current(database)
    if found != migrations.HEAD:
        raise InvalidState(
            f"The database's schema is {found or 'not there'}; this mlyard wants {migrations.HEAD}. "
            "Run: mlyard db upgrade"
        )
    click.echo(f"The schema is up to date: {found}")


@contextmanager
def _opened(uri: str) -> Iterator[Database]:
    from mlyard.stores.sql.database import Database

    database = Database(uri)
    try:
        yield database
    finally:
        database.close()
