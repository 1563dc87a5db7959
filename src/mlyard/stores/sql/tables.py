"""The tables. Ids are integers internally; the keys of metrics, params and tags are interned in ``keys``.

SQLite turns NaN into NULL, so ``is_nan`` is a column of its own in all databases. Text sorts and compares byte by
byte in all databases (collation C).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    desc,
    text,
)
from sqlalchemy import UniqueConstraint as Unique

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# SQLite numbers rows automatically only if the column's type is exactly INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")
_Text = Text().with_variant(Text(collation="C"), "postgresql")
_Packed = LargeBinary()

CLAIMED = -1
"""The time of deletion of a run that is being removed for good: it can no longer be restored."""

INDEXED_VALUE = 100
"""Length of the prefix of params and tags that is indexed: PostgreSQL refuses long index entries."""


_LEASED = text("lease_expires IS NOT NULL")
GROWING = text("growing = 1")


def _string(length: int) -> String:
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def _ref(name: str, target: str, *, primary_key: bool = False, index: bool = False) -> Column[int]:
    return Column(
        name, _Id, ForeignKey(target, ondelete="CASCADE"), primary_key=primary_key, nullable=False, index=index
    )


def _entity_tags(name: str, owner: str, target: str) -> Table:
    return Table(
        name,
        metadata,
        _ref(owner, target, primary_key=True),
        Column("key", _string(250), primary_key=True),
        Column("value", _Text, nullable=False),
    )


keys = Table(
    "keys",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", _string(250), nullable=False, unique=True),
    # Random, so that a server notices when a number means another name: after a restore from a backup (ADR 0025).
    Column("mark", BigInteger, nullable=False, server_default="0"),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", _string(500), nullable=False, unique=True),
    Column("artifact_location", _Text, nullable=False),
    Column("lifecycle_stage", _string(10), nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
    # The id of the request that created it; unique, so that a repeated request does not create a second one.
    Column("request_id", _string(64)),
    Index(None, "request_id", unique=True),
)
experiment_tags = _entity_tags("experiment_tags", "experiment", "experiments.id")

runs = Table(
    "runs",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("run_id", _string(32), nullable=False, unique=True),
    _ref("experiment", "experiments.id"),
    Column("name", _string(8000), nullable=False),
    Column("user_id", _string(256), nullable=False),
    Column("status", _string(10), nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("artifact_uri", _Text, nullable=False),
    Column("lifecycle_stage", _string(10), nullable=False),
    Column("deleted_time", BigInteger),  # CLAIMED when its removal has begun
    # Heartbeats of the client extend this. When it has expired, the run is lost until the client is back.
    Column("lease_expires", BigInteger),
    Column("lost", SmallInteger, nullable=False, server_default="0"),
    Column("request_id", _string(64)),
    Index(None, "request_id", unique=True),
    Index("ix_runs_recent", "experiment", "lifecycle_stage", desc("start_time"), "run_id"),
    Index("ix_runs_lease", "lease_expires", postgresql_where=_LEASED, sqlite_where=_LEASED),
)


def _run_values(name: str) -> Table:
    return Table(
        name,
        metadata,
        _ref("run", "runs.id", primary_key=True),
        _ref("key", "keys.id", primary_key=True),
        Column("value", _Text, nullable=False),
        # A column, because PostgreSQL reads an index on an expression only together with the table.
        Column("prefix", _Text, Computed(f"substr(value, 1, {INDEXED_VALUE})")),
        Index(f"ix_{name}_prefix", "key", "prefix", "run"),
        sqlite_with_rowid=False,
    )


params = _run_values("params")
tags = _run_values("tags")

# What was logged since the last fold: a row for each transaction that logged points to the run.
metric_tails = Table(
    "metric_tails",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3, … in each run
    Column("total", BigInteger, nullable=False),  # the number of points in this row and those before
    Column("points", _Packed, nullable=False),
)
# The rest of the history: pieces of one metric's points, in order and without gaps between them.
metric_chunks = Table(
    "metric_chunks",
    metadata,
    Column("id", _Id, primary_key=True),
    _ref("run", "runs.id"),
    _ref("key", "keys.id"),
    Column("first_step", BigInteger, nullable=False),
    Column("first_timestamp", BigInteger, nullable=False),
    Column("growing", SmallInteger, nullable=False),  # 1: will become part of a larger one
    Column("summary", _Packed, nullable=False),
    Column("outline", _Packed, nullable=False),
    Column("points", _Packed, nullable=False),
    Index(None, "run", "key", "first_step", "first_timestamp"),
    Index("ix_metric_chunks_growing", "run", "key", postgresql_where=GROWING, sqlite_where=GROWING),
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
    # Figures of the whole history. NULL stands for NaN; minimum and maximum are NULL if all values are NaN.
    Column("length", BigInteger, nullable=False),
    Column("nans", BigInteger, nullable=False),
    Column("first_step", BigInteger, nullable=False),
    Column("first_timestamp", BigInteger, nullable=False),
    Column("first_value", Float(53)),
    Column("minimum", Float(53)),
    Column("maximum", Float(53)),
    Column("total", Float(53)),
    Index(None, "key", "is_nan", "value", "run"),
    # With the values in the index, a search that knows the runs reads nothing else.
    PrimaryKeyConstraint("run", "key", postgresql_include=["value", "is_nan"]),
    sqlite_with_rowid=False,
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", _Id, primary_key=True),
    _ref("experiment", "experiments.id"),
    Column("name", _string(500), nullable=False),
    Column("digest", _string(36), nullable=False),
    Column("source_type", _string(36), nullable=False),
    Column("source", _Text, nullable=False),
    Column("schema", _Text, nullable=False),
    Column("profile", _Text, nullable=False),
    Unique("experiment", "name", "digest"),
)
dataset_inputs = Table(
    "dataset_inputs",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    _ref("dataset", "datasets.id", primary_key=True, index=True),
    Column("tags", _Text, nullable=False),  # a JSON object: they are always read together
    Column("context", _string(500), nullable=False),  # the one tag that can be searched; '' if there is none
    Column("position", BigInteger, nullable=False, server_default="0"),  # as logged
)

logged_models = Table(
    "logged_models",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("model_id", _string(34), nullable=False, unique=True),
    _ref("experiment", "experiments.id", index=True),
    Column("name", _string(500), nullable=False),
    Column("artifact_uri", _Text, nullable=False),
    Column("status", _string(30), nullable=False),
    Column("model_type", _string(500), nullable=False),
    Column("source_run_id", _string(32), index=True),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    Column("lifecycle_stage", _string(10), nullable=False),
    Column("request_id", _string(64)),
    Index(None, "request_id", unique=True),
)
logged_model_params = _entity_tags("logged_model_params", "model", "logged_models.id")
logged_model_tags = _entity_tags("logged_model_tags", "model", "logged_models.id")
logged_model_metrics = Table(
    "logged_model_metrics",
    metadata,
    _ref("model", "logged_models.id", primary_key=True),
    _ref("key", "keys.id", primary_key=True),
    _ref("run", "runs.id", primary_key=True, index=True),
    Column("timestamp", BigInteger, primary_key=True),
    Column("step", BigInteger, primary_key=True),
    Column("dataset_name", _string(500), primary_key=True),  # '' if the point does not belong to a dataset
    Column("dataset_digest", _string(36), primary_key=True),
    Column("value", Float(53), nullable=False),
    Column("is_nan", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
run_inputs = Table(
    "run_inputs",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    Column("model_id", _string(34), primary_key=True),
)
run_outputs = Table(
    "run_outputs",
    metadata,
    _ref("run", "runs.id", primary_key=True),
    Column("model_id", _string(34), primary_key=True),
    Column("step", BigInteger, nullable=False),
)

registered_models = Table(
    "registered_models",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", _string(256), nullable=False, unique=True),
    Column("description", _Text, nullable=False),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    # Stored, so that the number of a deleted version is never used again.
    Column("last_version", Integer, nullable=False),
    Column("request_id", _string(64)),
    Index(None, "request_id", unique=True),
)
registered_model_tags = _entity_tags("registered_model_tags", "model", "registered_models.id")

model_versions = Table(
    "model_versions",
    metadata,
    Column("id", _Id, primary_key=True),
    _ref("model", "registered_models.id"),
    Column("version", Integer, nullable=False),
    Column("current_stage", _string(20), nullable=False),
    Column("description", _Text, nullable=False),
    Column("source", _Text, nullable=False),
    Column("storage_location", _Text, nullable=False),
    Column("run_id", _string(32), nullable=False, index=True),
    Column("run_link", _Text, nullable=False),
    Column("model_id", _string(34)),
    Column("user_id", _string(256), nullable=False),
    Column("status", _string(20), nullable=False),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    Column("request_id", _string(64)),
    Index(None, "request_id", unique=True),
    Unique("model", "version"),
)
model_version_tags = _entity_tags("model_version_tags", "version", "model_versions.id")
registered_model_aliases = Table(
    "registered_model_aliases",
    metadata,
    _ref("model", "registered_models.id", primary_key=True),
    Column("alias", _string(255), primary_key=True),
    Column("version", Integer, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", _string(50), primary_key=True),
    Column("value", _string(100), nullable=False),
)

# The last write of each process that had to be done once: it was committed if it is here (ADR 0025).
receipts = Table(
    "receipts",
    metadata,
    Column("writer", _string(32), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
)
