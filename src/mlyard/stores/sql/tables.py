"""The tables. Ids are integers inside; metric, param and tag keys are interned in ``keys``.

SQLite holds NaN as NULL, so a value's NaN-ness is a column of its own on every database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy import UniqueConstraint as Unique

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# SQLite numbers rows by itself only in a column of type INTEGER exactly.
_Id = BigInteger().with_variant(Integer, "sqlite")


def _ref(name: str, target: str, *, primary_key: bool = False, index: bool = False) -> Column[int]:
    return Column(
        name, _Id, ForeignKey(target, ondelete="CASCADE"), primary_key=primary_key, nullable=False, index=index
    )


def _entity_tags(name: str, owner: str, target: str) -> Table:
    return Table(
        name,
        metadata,
        _ref(owner, target, primary_key=True),
        Column("key", String(250), primary_key=True),
        Column("value", Text, nullable=False),
    )


keys = Table(
    "keys", metadata, Column("id", _Id, primary_key=True), Column("name", String(250), nullable=False, unique=True)
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(500), nullable=False, unique=True),
    Column("artifact_location", Text, nullable=False),
    Column("lifecycle_stage", String(10), nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
)
experiment_tags = _entity_tags("experiment_tags", "experiment", "experiments.id")

runs = Table(
    "runs",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("run_id", String(32), nullable=False, unique=True),
    _ref("experiment", "experiments.id"),
    Column("name", String(8000), nullable=False),
    Column("user_id", String(256), nullable=False),
    Column("status", String(10), nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("artifact_uri", Text, nullable=False),
    Column("lifecycle_stage", String(10), nullable=False),
    Column("deleted_time", BigInteger),
    Index(None, "experiment", "lifecycle_stage", "start_time"),
)


def _run_values(name: str) -> Table:
    return Table(
        name,
        metadata,
        _ref("run", "runs.id", primary_key=True),
        _ref("key", "keys.id", primary_key=True),
        Column("value", Text, nullable=False),
        Index(f"ix_{name}_key_run", "key", "run"),
        sqlite_with_rowid=False,
    )


params = _run_values("params")
tags = _run_values("tags")

metric_points = Table(
    "metric_points",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    _ref("key", "keys.id", primary_key=True),
    Column("step", BigInteger, primary_key=True),
    Column("timestamp", BigInteger, primary_key=True),
    Column("value", Float(53), primary_key=True),
    Column("is_nan", SmallInteger, primary_key=True),
    sqlite_with_rowid=False,
)
latest_metrics = Table(
    "latest_metrics",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    _ref("key", "keys.id", primary_key=True),
    Column("step", BigInteger, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("value", Float(53), nullable=False),
    Column("is_nan", SmallInteger, nullable=False),
    Index(None, "key", "is_nan", "value", "run"),
    sqlite_with_rowid=False,
)

logged_models = Table(
    "logged_models",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("model_id", String(34), nullable=False, unique=True),
    _ref("experiment", "experiments.id", index=True),
    Column("name", String(500), nullable=False),
    Column("artifact_uri", Text, nullable=False),
    Column("status", String(30), nullable=False),
    Column("model_type", String(500), nullable=False),
    Column("source_run_id", String(32), index=True),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    Column("lifecycle_stage", String(10), nullable=False),
)
logged_model_params = _entity_tags("logged_model_params", "model", "logged_models.id")
logged_model_tags = _entity_tags("logged_model_tags", "model", "logged_models.id")
run_outputs = Table(
    "run_outputs",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    Column("model_id", String(34), primary_key=True),
    Column("step", BigInteger, nullable=False),
)

registered_models = Table(
    "registered_models",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(256), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    # Kept, so that a deleted version's number is never given to another.
    Column("last_version", Integer, nullable=False),
)
registered_model_tags = _entity_tags("registered_model_tags", "model", "registered_models.id")

model_versions = Table(
    "model_versions",
    metadata,
    Column("id", _Id, primary_key=True),
    _ref("model", "registered_models.id"),
    Column("version", Integer, nullable=False),
    Column("current_stage", String(20), nullable=False),
    Column("description", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("storage_location", Text, nullable=False),
    Column("run_id", String(32), nullable=False, index=True),
    Column("run_link", Text, nullable=False),
    Column("model_id", String(34)),
    Column("user_id", String(256), nullable=False),
    Column("status", String(20), nullable=False),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    Unique("model", "version"),
)
model_version_tags = _entity_tags("model_version_tags", "version", "model_versions.id")
registered_model_aliases = Table(
    "registered_model_aliases",
    metadata,
    _ref("model", "registered_models.id", primary_key=True),
    Column("alias", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
)
