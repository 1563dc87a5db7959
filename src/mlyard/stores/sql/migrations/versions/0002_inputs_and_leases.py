"""Dataset inputs, metrics of logged models, leases of runs, ids of requests; indexes for search by value.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def string(length: int) -> sa.String:
    """Text that sorts byte by byte."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Add tables, columns and indexes; existing rows stay as they are."""
    _requests()
    _leases()
    _values()
    _metrics()
    _inputs()
    op.create_table(
        "secrets",
        sa.Column("name", string(50), nullable=False),
        sa.Column("value", string(100), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def _requests() -> None:
    for table in ("experiments", "runs", "logged_models", "registered_models", "model_versions"):
        op.add_column(table, sa.Column("request_id", string(64)))
        op.create_index(f"ix_{table}_request_id", table, ["request_id"], unique=True)


def _leases() -> None:
    op.add_column("runs", sa.Column("lease_expires", sa.BigInteger()))
    op.add_column("runs", sa.Column("lost", sa.SmallInteger(), nullable=False, server_default="0"))
    leased = sa.text("lease_expires IS NOT NULL")
    op.create_index("ix_runs_lease", "runs", ["lease_expires"], postgresql_where=leased, sqlite_where=leased)
    op.drop_index("ix_runs_experiment_lifecycle_stage_start_time", "runs")
    op.create_index("ix_runs_recent", "runs", ["experiment", "lifecycle_stage", sa.text("start_time DESC"), "run_id"])


def _values() -> None:
    for table in ("params", "tags"):
        op.drop_index(f"ix_{table}_key_run", table)
        op.create_index(f"ix_{table}_value", table, ["key", sa.text("substr(value, 1, 100)"), "run"])


def _metrics() -> None:
    op.add_column("latest_metrics", sa.Column("in_order", sa.SmallInteger(), nullable=False, server_default="1"))
    # What was logged before is not known to be in order.
    op.execute("UPDATE latest_metrics SET in_order = 0")
    op.create_table(
        "logged_model_metrics",
        sa.Column("model", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("dataset_name", string(500), nullable=False),
        sa.Column("dataset_digest", string(36), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("is_nan", sa.SmallInteger(), nullable=False),
        _reference("logged_model_metrics", "model", "logged_models.id"),
        _reference("logged_model_metrics", "key", "keys.id"),
        _reference("logged_model_metrics", "run", "runs.id"),
        sa.PrimaryKeyConstraint(
            "model", "key", "run", "timestamp", "step", "dataset_name", "dataset_digest", name="pk_logged_model_metrics"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_logged_model_metrics_run", "logged_model_metrics", ["run"])


def _inputs() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", ID, nullable=False),
        sa.Column("experiment", ID, nullable=False),
        sa.Column("name", string(500), nullable=False),
        sa.Column("digest", string(36), nullable=False),
        sa.Column("source_type", string(36), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("schema", TEXT, nullable=False),
        sa.Column("profile", TEXT, nullable=False),
        _reference("datasets", "experiment", "experiments.id"),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.UniqueConstraint("experiment", "name", "digest", name="uq_datasets_experiment_name_digest"),
    )
    op.create_table(
        "dataset_inputs",
        sa.Column("run", ID, nullable=False),
        sa.Column("dataset", ID, nullable=False),
        sa.Column("tags", TEXT, nullable=False),
        sa.Column("context", string(500), nullable=False),
        _reference("dataset_inputs", "run", "runs.id"),
        _reference("dataset_inputs", "dataset", "datasets.id"),
        sa.PrimaryKeyConstraint("run", "dataset", name="pk_dataset_inputs"),
    )
    op.create_index("ix_dataset_inputs_dataset", "dataset_inputs", ["dataset"])
    op.create_table(
        "run_inputs",
        sa.Column("run", ID, nullable=False),
        sa.Column("model_id", string(34), nullable=False),
        _reference("run_inputs", "run", "runs.id"),
        sa.PrimaryKeyConstraint("run", "model_id", name="pk_run_inputs"),
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")
