"""The old table of points is gone, and metrics can be searched by value again.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Drop the table whose points have all been moved. The index is built last, which is faster."""
    op.drop_table("old_metric_points")
    op.create_index("ix_latest_metrics_key_is_nan_value_run", "latest_metrics", ["key", "is_nan", "value", "run"])
