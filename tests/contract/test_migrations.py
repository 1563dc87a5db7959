"""A migrated database is what the tables say, wherever it started from, and keeps what it held."""

from __future__ import annotations

import math
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from mlyard.core.errors import InvalidState
from mlyard.domain.page import ALL, ScopedQuery
from mlyard.stores.sql import foreign, migrations
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.history import chunks
from mlyard.stores.sql.history.points import order_of
from mlyard.stores.sql.migrations import moving
from mlyard.stores.sql.store import open_sql_store
from mlyard.stores.sql.tables import metadata
from tests.conftest import clean_environment
from tests.postgres import Cluster

# SQLAlchemy cannot read indexes on expressions back.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection:sqlalchemy.exc.SAWarning"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression:UserWarning"),
]

EXPRESSION_INDEXES = ("ix_runs_recent",)
SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture(params=["sqlite", "postgresql"])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mlyard.db'}"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database()


def assert_at_head(database: Database) -> None:
    def differences(connection: object) -> object:
        options = {"version_table": foreign.VERSION_TABLE, "compare_server_default": False}
        context = MigrationContext.configure(connection, opts=options)  # type: ignore[arg-type]
        assert context.get_current_revision() == migrations.HEAD
        found = compare_metadata(context, metadata)
        return [d for d in found if d[1].name not in {"alembic_version", *EXPRESSION_INDEXES}]

    assert database.read(differences) == []


def test_the_migrations_end_at_the_tables(uri: str) -> None:
    database = Database(uri)
    migrations.upgrade(database)
    assert_at_head(database)
    database.close()


def test_head_is_the_last_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_database_of_an_older_schema_is_migrated_with_its_data(schema: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(schema.read_text())
    connection.close()
    store = open_sql_store(f"sqlite:///{path}", str(tmp_path / "artifacts"))
    experiment = store.experiments.get_by_name("old")
    assert experiment is not None
    assert experiment.tags == {"team": "x"}
    query = ScopedQuery(experiment_ids=(experiment.experiment_id,), view=ALL, order_by=("start_time",))
    runs = store.runs.search(query)
    assert [run.info.run_name for run in runs] == ["old-0", "old-1", "old-2"]
    assert [run.info.lifecycle_stage for run in runs] == ["active", "active", "deleted"]
    assert [run.data.params["p"] for run in runs] == ["0", "1", "2"]
    assert [run.data.metrics["m"] for run in runs] == [float("inf")] * 3
    # Logged out of order: by time, the last step came first.
    assert [point.step for point in store.metrics.history(runs[0].info.run_id, "m")] == [2, 0, 1]
    assert store.registered_models.get_by_alias("reg", "best").current_stage == "Production"
    store.close()
    database = Database(f"sqlite:///{path}")
    assert_at_head(database)
    database.close()


# Migrates in child after child, the first killed before its first statement, the next before its second, and so on.
KILLED = """
import os, signal, sys
from itertools import count
import alembic.command  # once, and not in each child
from sqlalchemy import Engine, event
from mlyard.stores.sql import foreign, migrations
from mlyard.stores.sql.database import Database
from mlyard.stores.sql.history import chunks
from mlyard.stores.sql.migrations import moving

moving._BATCH = 4
moving.FULL = chunks.FULL = 2

def migrate(statements):
    left = iter(range(statements))
    def one(*_):
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, one)
    database = Database(sys.argv[1])
    migrations.upgrade(database)
    database.close()

for statements in count():
    child = os.fork()
    if not child:
        migrate(statements)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != -signal.SIGKILL:
        print(statements)
        sys.exit(status)
"""


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_migration_that_is_killed_is_done_whole_the_next_time(schema: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(schema.read_text())
    connection.close()
    command = [sys.executable, "-c", KILLED, f"sqlite:///{path}"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10, "it was never killed in the middle"
    database = Database(f"sqlite:///{path}")
    assert_at_head(database)
    assert database.read(lambda c: c.execute(text("SELECT sum(length) FROM latest_metrics")).scalar()) == 9
    database.close()


def filled(uri: str) -> dict[tuple[int, int], list[tuple[int, int, float]]]:
    """A database as the version before left it: with a row for each point. Returns its points by run and key."""
    database = Database(uri)
    database.write(lambda c: migrations._upgrade(c, "0003"))
    chance, values = random.Random(7), [0.5, 2.0, -1e300, math.inf]
    points = {
        (run, key): sorted({(n % 97, 1000 + n // 3, chance.choice(values)) for n in range(length)})
        for run, length in ((1, 0), (2, 1), (3, 400), (5, 40), (6, 17))
        for key in range(1, 4 + 4 * (run == 5))
    }

    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO experiments VALUES (9, 'e', '', 'active', 0, 0, NULL)"))
        for key in range(1, 9):
            connection.execute(
                text("INSERT INTO keys (id, name) VALUES (:key, :name)"), {"key": key, "name": f"k{key}"}
            )
        for run in range(1, 8):
            run_id = {"run": run, "id": f"{run:032x}"}
            row = ":run, :id, 9, 'r', 'u', 'FINISHED', 0, '', 'active'"
            columns = "id, run_id, experiment, name, user_id, status, start_time, artifact_uri, lifecycle_stage"
            connection.execute(text(f"INSERT INTO runs ({columns}) VALUES ({row})"), run_id)
        insert = text("INSERT INTO metric_points VALUES (:run, :key, :step, :time, :value, :is_nan)")
        for (run, key), found in points.items():
            for step, time, value in found:
                row = {"run": run, "key": key, "step": step, "time": time, "value": value, "is_nan": 0}
                connection.execute(insert, row)
            if found:
                connection.execute(insert, {"run": run, "key": key, "step": 50, "time": 1, "value": 0, "is_nan": 1})
                found.append((50, 1, math.nan))

    database.write(work)
    database.close()
    return points


@pytest.mark.parametrize(("batch", "full"), [(200_000, 4096), (100, 16), (40, 64)])
def test_points_are_moved_into_columns(uri: str, monkeypatch: pytest.MonkeyPatch, batch: int, full: int) -> None:
    points = filled(uri)
    monkeypatch.setattr(moving, "_BATCH", batch)
    monkeypatch.setattr(moving, "FULL", full)
    monkeypatch.setattr(chunks, "FULL", full)
    store = open_sql_store(uri, "")
    for (run, key), expected in points.items():
        run_id, name = f"{run:032x}", f"k{key}"
        found = [(m.step, m.timestamp, m.value) for s in store.metrics.series([run_id], [name]) for m in s.metrics()]
        assert list(map(order_of, found)) == sorted(map(order_of, expected)), (run, key)
        numbers = [value for _, _, value in expected if not math.isnan(value)]
        known = [(f.count, f.min, f.max, f.step, f.timestamp) for f in store.metrics.figures([run_id], [name])]
        last = max(expected, default=(0, 0, 0))
        assert known == ([(len(expected), min(numbers), max(numbers), *last[:2])] if expected else [])
    store.close()
    database = Database(uri)
    assert_at_head(database)
    database.close()


def test_another_tools_version_table_is_left_alone(uri: str) -> None:
    database = Database(uri)
    database.write(lambda c: c.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))")))
    database.write(lambda c: c.execute(text("INSERT INTO alembic_version VALUES ('optuna')")))
    migrations.upgrade(database)
    assert database.read(lambda c: c.execute(text("SELECT version_num FROM alembic_version")).scalar()) == "optuna"
    assert_at_head(database)
    database.close()


def mlyard(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlyard", *arguments]
    return subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)


def test_a_user_without_rights_learns_what_to_run(postgres: Cluster) -> None:
    """As in tutorials that were written before PostgreSQL 15."""
    name = postgres.new_database().rpartition("/")[2]
    user = f"user_of_{name}"
    granted = f"CREATE ROLE {user} WITH LOGIN; GRANT ALL PRIVILEGES ON DATABASE {name} TO {user}"
    with psycopg.connect(postgres.admin, autocommit=True) as connection:
        connection.execute(granted.encode())
    uri = f"postgresql://{user}@127.0.0.1:{postgres.port}/{name}"
    with pytest.raises(InvalidState, match=f"The user '{user}' may not create tables") as refused:
        open_sql_store(uri, "")
    advice = str(refused.value).partition("run: ")[2]
    with psycopg.connect(postgres.admin, autocommit=True) as connection:
        connection.execute(advice.encode())
    open_sql_store(uri, "").close()


def test_the_db_commands(uri: str) -> None:
    fresh = mlyard("db", "check", uri)
    assert fresh.returncode == 1
    assert "mlyard db upgrade" in fresh.stderr
    assert "(created)" in mlyard("db", "upgrade", uri).stdout
    assert mlyard("db", "current", uri).stdout.startswith(migrations.HEAD)
    assert mlyard("db", "check", uri).returncode == 0
    database = Database(uri)
    database.write(lambda c: c.execute(text("UPDATE mlyard_schema SET version_num = '9999'")))
    database.close()
    newer = mlyard("db", "upgrade", uri)
    assert newer.returncode == 1
    assert "9999" in newer.stderr
    assert "Traceback" not in newer.stderr
