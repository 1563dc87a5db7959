"""What Alembic runs: the migrations, on the connection that the caller holds."""

from __future__ import annotations

from alembic import context

from mlyard.stores.sql.migrations import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
