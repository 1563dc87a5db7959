"""The SQL store: all ports on one database."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select

from mlyard.core.clock import now_ms
from mlyard.domain.experiments import ACTIVE, DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME
from mlyard.domain.runs import TAG_RUN_NAME
from mlyard.domain.uris import join
from mlyard.ports.store import Store
from mlyard.stores.sql import dialect, leases, migrations, receipts, tables
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.experiments import SqlExperiments
from mlyard.stores.sql.logged_models import SqlLoggedModels
from mlyard.stores.sql.metrics import SqlMetrics
from mlyard.stores.sql.model_versions import SqlModelVersions
from mlyard.stores.sql.paging import Paginator
from mlyard.stores.sql.registered_models import SqlRegisteredModels
from mlyard.stores.sql.runs import SqlRuns

_PAGES = "pages"
_KEEP = "ON CONFLICT DO NOTHING"


def open_sql_store(uri: str, artifact_root: str, read_replica_uri: str = "") -> Store:
    """Open a database; create or migrate it if necessary.

    ``artifact_root``: the URI below which new experiments without an explicit location store their artifacts.
    ``read_replica_uri``: the address of a replica of the database, for reads.
    Raises InvalidParameter, InvalidState, TemporarilyUnavailable.
    """
    database = Database(uri, read_replica_uri)
    migrations.upgrade(database)
    paginator = Paginator(database.write(lambda connection: _seed(connection, artifact_root)))
    # With one known key, it is noticed from now on if the database is restored. An empty one has none yet.
    database.keys.find([TAG_RUN_NAME])

    def recover(connection: Connection) -> None:
        migrations.upgrade_restored(connection)
        paginator.secret = _seed(connection, artifact_root)

    database.when_restored(recover)
    return Store(
        experiments=SqlExperiments(database, paginator, artifact_root),
        runs=SqlRuns(database, paginator),
        metrics=SqlMetrics(database, paginator),
        logged_models=SqlLoggedModels(database, paginator),
        registered_models=SqlRegisteredModels(database, paginator),
        model_versions=SqlModelVersions(database, paginator),
        close=database.close,
    )


def _seed(connection: Connection, artifact_root: str) -> bytes:
    """Insert the rows that every database has, if missing. Returns the secret for signing page tokens."""
    number, now = int(DEFAULT_EXPERIMENT_ID), now_ms()
    columns = ("id", "name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time")
    row = (number, DEFAULT_EXPERIMENT_NAME, join(artifact_root, str(number)), ACTIVE, now, now)
    dialect.insert(connection, tables.experiments, columns, [row], _KEEP)
    dialect.insert(connection, tables.secrets, ("name", "value"), [(_PAGES, secrets.token_hex(32))], _KEEP)
    leases.end_lost(connection, now)
    receipts.drop_old(connection)
    found = select(tables.secrets.c.value).where(tables.secrets.c.name == _PAGES)
    return bytes.fromhex(connection.execute(found).scalar_one())
