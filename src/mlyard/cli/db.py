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
    """Show and upgrade the schema of a database."""


@command.command("upgrade")
@click.argument("uri")
def upgrade(uri: str) -> None:
    """Create or migrate the schema of the database at URI. Servers do this when they start."""
    from mlyard.stores.sql import migrations

    with _opened(uri) as database:
        before = migrations.current(database)
        migrations.upgrade(database)
        how = "" if before == migrations.HEAD else f" (migrated from {before})" if before else " (created)"
        click.echo(f"The schema is up to date: {migrations.HEAD}{how}")


@command.command("current")
@click.argument("uri")
def current(uri: str) -> None:
    """Print the schema version of the database, and the one that this mlyard needs."""
    from mlyard.stores.sql import migrations

    with _opened(uri) as database:
        click.echo(f"{migrations.current(database) or 'none'} (this mlyard needs {migrations.HEAD})")


@command.command("check")
@click.argument("uri")
def check(uri: str) -> None:
    """Fail unless the schema is the one that this mlyard needs."""
    from mlyard.stores.sql import migrations

    with _opened(uri) as database:
        found = migrations.current(database)
    if found != migrations.HEAD:
        raise InvalidState(
            f"The database's schema is {found or 'missing'}; this mlyard needs {migrations.HEAD}. "
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
