"""The order in which datasets were logged to a run.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add a column. Datasets that were logged before stay in the order in which they were first logged anywhere."""
    op.add_column("dataset_inputs", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0"))
