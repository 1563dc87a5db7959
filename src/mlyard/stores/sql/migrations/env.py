"""Alembic's entry point: runs the migrations on the caller's connection."""

from __future__ import annotations

from alembic import context

from mlyard.stores.sql.foreign import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
