"""Marks of keys, by which a server notices a restored database; receipts of writes.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a column, with a random number for each key that exists, and a table."""
    op.add_column("keys", sa.Column("mark", sa.BigInteger(), nullable=False, server_default="0"))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    random = "abs(random() / 2)" if is_sqlite else "CAST(random() * 9e15 AS bigint)"
    op.execute(f"UPDATE keys SET mark = {random}")  # noqa: S608 - one of two constants
    text = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")
    op.create_table(
        "receipts",
        sa.Column("writer", text, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer", name="pk_receipts"),
    )
