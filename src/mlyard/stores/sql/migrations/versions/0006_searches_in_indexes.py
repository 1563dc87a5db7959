"""Searches by params and tags that read indexes only.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the first characters of params and tags as columns with an index."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    text, kept = ('TEXT COLLATE "C"', "STORED") if postgresql else ("TEXT", "VIRTUAL")
    for table in ("params", "tags"):
        op.drop_index(f"ix_{table}_value", table)
        op.execute(f"ALTER TABLE {table} ADD COLUMN prefix {text} GENERATED ALWAYS AS (substr(value, 1, 100)) {kept}")
        op.create_index(f"ix_{table}_prefix", table, ["key", "prefix", "run"])
