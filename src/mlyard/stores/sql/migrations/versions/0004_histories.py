"""Tables for histories as packed columns, and the figures of each metric.

The points stay in ``old_metric_points`` until they have been moved, which is done in many transactions
(``moving.py``). A server of the version before cannot write to them any more.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GROWING = sa.text("growing = 1")


def upgrade() -> None:
    """Create the tables, empty. What ``latest_metrics`` held can be told from the points."""
    op.rename_table("metric_points", "old_metric_points")
    op.drop_index("ix_latest_metrics_key_is_nan_value_run", "latest_metrics")
    op.drop_table("latest_metrics")
    _latest_metrics()
    _metric_tails()
    _metric_chunks()


def _latest_metrics() -> None:
    op.create_table(
        "latest_metrics",
        sa.Column("run", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("is_nan", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("nans", sa.BigInteger(), nullable=False),
        sa.Column("first_step", sa.BigInteger(), nullable=False),
        sa.Column("first_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("first_value", sa.Float(53)),
        sa.Column("minimum", sa.Float(53)),
        sa.Column("maximum", sa.Float(53)),
        sa.Column("total", sa.Float(53)),
        _reference("latest_metrics", "run", "runs.id"),
        _reference("latest_metrics", "key", "keys.id"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_latest_metrics", postgresql_include=["value", "is_nan"]),
        sqlite_with_rowid=False,
    )


def _metric_tails() -> None:
    op.create_table(
        "metric_tails",
        sa.Column("run", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        _reference("metric_tails", "run", "runs.id"),
        sa.PrimaryKeyConstraint("run", "number", name="pk_metric_tails"),
    )
    _do_not_compress("metric_tails", "points")


def _metric_chunks() -> None:
    op.create_table(
        "metric_chunks",
        sa.Column("id", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("first_step", sa.BigInteger(), nullable=False),
        sa.Column("first_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("growing", sa.SmallInteger(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        _reference("metric_chunks", "run", "runs.id"),
        _reference("metric_chunks", "key", "keys.id"),
        sa.PrimaryKeyConstraint("id", name="pk_metric_chunks"),
    )
    place = ["run", "key", "first_step", "first_timestamp"]
    op.create_index("ix_metric_chunks_run_key_first_step_first_timestamp", "metric_chunks", place)
    op.create_index(
        "ix_metric_chunks_growing", "metric_chunks", ["run", "key"], postgresql_where=GROWING, sqlite_where=GROWING
    )
    _do_not_compress("metric_chunks", "outline", "points")


def _do_not_compress(table: str, *columns: str) -> None:
    """PostgreSQL would try to, which costs time and gains nothing: chunks are packed already, and tails soon go."""
    if op.get_bind().dialect.name == "postgresql":
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")
