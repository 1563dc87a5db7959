"""The SQL store: one engine, one writer, a port for each noun."""

from __future__ import annotations

from sqlalchemy import Connection

from mlyard.core.clock import now_ms
from mlyard.domain.experiments import ACTIVE, DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME
from mlyard.ports.store import Store
from mlyard.stores.sql import dialect, migrations, tables
from mlyard.stores.sql.engine import open_engine
from mlyard.stores.sql.experiments import SqlExperiments
from mlyard.stores.sql.logged_models import SqlLoggedModels
from mlyard.stores.sql.metrics import SqlMetrics
from mlyard.stores.sql.model_versions import SqlModelVersions
from mlyard.stores.sql.registered_models import SqlRegisteredModels
from mlyard.stores.sql.runs import SqlRuns
from mlyard.stores.sql.writer import Writer


def open_sql_store(uri: str, artifact_root: str) -> Store:
    """Open a database, creating or migrating it.

    ``artifact_root`` is the URI below which experiments without a location of their own keep their
    artifacts. Raises InvalidParameter, InvalidState.
    """
    engine = open_engine(uri)
    migrations.upgrade(engine)
    writer = Writer(engine)
    writer.write(lambda connection: _ensure_default_experiment(connection, artifact_root))

    def close() -> None:
        writer.close()
        engine.dispose()

    return Store(
        experiments=SqlExperiments(engine, writer, artifact_root),
        runs=SqlRuns(engine, writer),
        metrics=SqlMetrics(engine),
        logged_models=SqlLoggedModels(engine, writer),
        registered_models=SqlRegisteredModels(engine, writer),
        model_versions=SqlModelVersions(engine, writer),
        close=close,
    )


def _ensure_default_experiment(connection: Connection, artifact_root: str) -> None:
    now = now_ms()
    values = {
        "id": int(DEFAULT_EXPERIMENT_ID),
        "name": DEFAULT_EXPERIMENT_NAME,
        "artifact_location": f"{artifact_root.rstrip('/')}/{DEFAULT_EXPERIMENT_ID}",
        "lifecycle_stage": ACTIVE,
        "creation_time": now,
        "last_update_time": now,
    }
    connection.execute(dialect.upsert(tables.experiments).values(values).on_conflict_do_nothing())
