"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite numbers rows by itself only in a column of type INTEGER exactly.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def string(length: int) -> sa.String:
    """Text that sorts byte by byte."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Create every table."""
    _experiments()
    _runs()
    _run_values()
    _metrics()
    _logged_models()
    _registry()


def _experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", string(500), nullable=False),
        sa.Column("artifact_location", TEXT, nullable=False),
        sa.Column("lifecycle_stage", string(10), nullable=False),
        sa.Column("creation_time", sa.BigInteger(), nullable=False),
        sa.Column("last_update_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
    )
    op.create_table(
        "experiment_tags",
        sa.Column("experiment", ID, nullable=False),
        sa.Column("key", string(250), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiments.id"], name="fk_experiment_tags_experiment", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("experiment", "key", name="pk_experiment_tags"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", string(32), nullable=False),
        sa.Column("experiment", ID, nullable=False),
        sa.Column("name", string(8000), nullable=False),
        sa.Column("user_id", string(256), nullable=False),
        sa.Column("status", string(10), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("artifact_uri", TEXT, nullable=False),
        sa.Column("lifecycle_stage", string(10), nullable=False),
        sa.Column("deleted_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.id"], name="fk_runs_experiment", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
    )
    op.create_index(
        "ix_runs_experiment_lifecycle_stage_start_time",
        "runs",
        ["experiment", "lifecycle_stage", "start_time"],
        unique=False,
    )


def _run_values() -> None:
    op.create_table(
        "keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", string(250), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("name", name="uq_keys_name"),
    )
    op.create_table(
        "params",
        sa.Column("run", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_params_key", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_params_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_params"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_params_key_run", "params", ["key", "run"], unique=False)
    op.create_table(
        "tags",
        sa.Column("run", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_tags_key", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_tags_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_tags"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tags_key_run", "tags", ["key", "run"], unique=False)


def _metrics() -> None:
    op.create_table(
        "latest_metrics",
        sa.Column("run", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=False),
        sa.Column("is_nan", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_latest_metrics_key", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_latest_metrics_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_latest_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_latest_metrics_key_is_nan_value_run", "latest_metrics", ["key", "is_nan", "value", "run"], unique=False
    )
    op.create_table(
        "metric_points",
        sa.Column("run", ID, nullable=False),
        sa.Column("key", ID, nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=False),
        sa.Column("is_nan", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_metric_points_key", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_metric_points_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "key", "step", "timestamp", "value", "is_nan", name="pk_metric_points"),
        sqlite_with_rowid=False,
    )


def _logged_models() -> None:
    op.create_table(
        "logged_models",
        sa.Column("id", ID, nullable=False),
        sa.Column("model_id", string(34), nullable=False),
        sa.Column("experiment", ID, nullable=False),
        sa.Column("name", string(500), nullable=False),
        sa.Column("artifact_uri", TEXT, nullable=False),
        sa.Column("status", string(30), nullable=False),
        sa.Column("model_type", string(500), nullable=False),
        sa.Column("source_run_id", string(32), nullable=True),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("lifecycle_stage", string(10), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiments.id"], name="fk_logged_models_experiment", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_logged_models"),
        sa.UniqueConstraint("model_id", name="uq_logged_models_model_id"),
    )
    op.create_index("ix_logged_models_experiment", "logged_models", ["experiment"], unique=False)
    op.create_index("ix_logged_models_source_run_id", "logged_models", ["source_run_id"], unique=False)
    op.create_table(
        "logged_model_params",
        sa.Column("model", ID, nullable=False),
        sa.Column("key", string(250), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["logged_models.id"], name="fk_logged_model_params_model", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model", "key", name="pk_logged_model_params"),
    )
    op.create_table(
        "logged_model_tags",
        sa.Column("model", ID, nullable=False),
        sa.Column("key", string(250), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["model"], ["logged_models.id"], name="fk_logged_model_tags_model", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("model", "key", name="pk_logged_model_tags"),
    )
    op.create_table(
        "run_outputs",
        sa.Column("run", ID, nullable=False),
        sa.Column("model_id", string(34), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_outputs_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "model_id", name="pk_run_outputs"),
    )


def _registry() -> None:
    op.create_table(
        "registered_models",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", string(256), nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registered_models"),
        sa.UniqueConstraint("name", name="uq_registered_models_name"),
    )
    op.create_table(
        "model_versions",
        sa.Column("id", ID, nullable=False),
        sa.Column("model", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current_stage", string(20), nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("storage_location", TEXT, nullable=False),
        sa.Column("run_id", string(32), nullable=False),
        sa.Column("run_link", TEXT, nullable=False),
        sa.Column("model_id", string(34), nullable=True),
        sa.Column("user_id", string(256), nullable=False),
        sa.Column("status", string(20), nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["registered_models.id"], name="fk_model_versions_model", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_versions"),
        sa.UniqueConstraint("model", "version", name="uq_model_versions_model_version"),
    )
    op.create_index("ix_model_versions_run_id", "model_versions", ["run_id"], unique=False)
    op.create_table(
        "registered_model_aliases",
        sa.Column("model", ID, nullable=False),
        sa.Column("alias", string(255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["registered_models.id"], name="fk_registered_model_aliases_model", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model", "alias", name="pk_registered_model_aliases"),
    )
    op.create_table(
        "registered_model_tags",
        sa.Column("model", ID, nullable=False),
        sa.Column("key", string(250), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["registered_models.id"], name="fk_registered_model_tags_model", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("model", "key", name="pk_registered_model_tags"),
    )
    op.create_table(
        "model_version_tags",
        sa.Column("version", ID, nullable=False),
        sa.Column("key", string(250), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["model_versions.id"], name="fk_model_version_tags_version", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version", "key", name="pk_model_version_tags"),
    )
