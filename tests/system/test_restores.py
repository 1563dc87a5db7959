"""A database that is restored from a backup, or replaced, under running servers."""

from __future__ import annotations

import itertools
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mlyard.stores.sql import migrations
from mlyard.stores.sql.database import Database
from tests.conftest import ROOT, LiveServer, until
from tests.contract.test_migrations import SCHEMAS
from tests.postgres import Cluster, cluster
from tests.system.test_outages import PATIENT, Load, StartServer, new_run
from tools.stack.postgres import as_postgres


class Place:
    """A database, and how it is backed up and restored while servers run."""

    def __init__(self, uri: str, back_up: Callable[[], object], restore: Callable[[], object]) -> None:
        self.uri, self.back_up, self.restore = uri, back_up, restore


def run(postgres: Cluster, program: str, *arguments: str) -> None:
    subprocess.run([postgres.programs / program, *arguments], check=True)


def run_of_guide(postgres: Cluster, program: str, uri: str, folder: Path) -> None:
    """The command that the guide's page has for this."""
    page = (ROOT / "docs" / "guide" / "machines.md").read_text()
    (line,) = [line.strip() for line in page.splitlines() if line.startswith(f"    {program} ")]
    command = [word.replace("DATABASE", uri) for word in shlex.split(line)]
    subprocess.run([postgres.programs / command[0], *command[1:]], check=True, cwd=folder)


@contextmanager
def in_one_transaction(postgres: Cluster, folder: Path) -> Iterator[Place]:
    uri = postgres.new_database()
    yield Place(uri, *(partial(run_of_guide, postgres, program, uri, folder) for program in ("pg_dump", "pg_restore")))


@contextmanager
def under_its_name(postgres: Cluster, folder: Path) -> Iterator[Place]:
    """Restored into another database, which then takes the name of the first."""
    uri, file = postgres.new_database(), str(folder / "backup")
    name = uri.rpartition("/")[2]

    def restore() -> None:
        other = postgres.new_database()
        run(postgres, "pg_restore", "-d", other, file)
        with psycopg.connect(postgres.admin, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            admin.execute(f"ALTER DATABASE {other.rpartition('/')[2]} RENAME TO {name}".encode())

    yield Place(uri, lambda: run(postgres, "pg_dump", "-Fc", "-f", file, uri), restore)


@contextmanager
def whole_cluster(postgres: Cluster, folder: Path) -> Iterator[Place]:
    """The files of a cluster of its own, copied while it stands still."""
    with cluster() as own:
        saved = own.folder / "saved"

        def back_up() -> None:
            own.control("-m", "fast", "stop")
            as_postgres(["cp", "-a", str(own.data), str(saved)])
            own.control("start")

        def restore() -> None:
            own.control("-m", "immediate", "stop")
            shutil.rmtree(own.data)
            as_postgres(["cp", "-a", str(saved), str(own.data)])
            own.control("start")

        yield Place(own.new_database(), back_up, restore)


def copy_into(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target, timeout=60)) as here:
        there.backup(here)


@contextmanager
def into_the_file(postgres: Cluster, folder: Path) -> Iterator[Place]:
    """By SQLite itself, as its ``.restore`` does."""
    file, saved = folder / "mlyard.db", folder / "saved.db"
    yield Place(f"sqlite:///{file}", lambda: copy_into(file, saved), lambda: copy_into(saved, file))


@contextmanager
def another_file(postgres: Cluster, folder: Path) -> Iterator[Place]:
    """A file that takes the place of the one that the servers have opened."""
    file, saved = folder / "mlyard.db", folder / "saved.db"
    yield Place(f"sqlite:///{file}", lambda: copy_into(file, saved), lambda: shutil.move(saved, file))


@contextmanager
def another_link(postgres: Cluster, folder: Path) -> Iterator[Place]:
    """The address is a link, which then leads to another file."""
    file, saved, link = folder / "first.db", folder / "saved.db", folder / "mlyard.db"
    link.symlink_to(file)

    def restore() -> None:
        (folder / "next").symlink_to(saved)
        (folder / "next").replace(link)

    yield Place(f"sqlite:///{link}", lambda: copy_into(file, saved), restore)


@pytest.fixture(params=[in_one_transaction, under_its_name, whole_cluster, into_the_file, another_file, another_link])
def place(request: pytest.FixtureRequest, postgres: Cluster, tmp_path: Path) -> Iterator[Place]:
    with request.param(postgres, tmp_path) as found:
        yield found


def log(server: LiveServer, run_id: str, **metrics: float) -> None:
    points = [{"key": key, "value": value, "timestamp": 1, "step": 0} for key, value in metrics.items()]
    assert server.call("POST", "runs/log-batch", {"run_id": run_id, "metrics": points}) == (200, {})


def metrics_of(server: LiveServer, run_id: str) -> dict[str, float]:
    answer: Any = server.call("GET", f"runs/get?run_id={run_id}")[1]
    return {point["key"]: point["value"] for point in answer["run"]["data"].get("metrics", [])}


def test_after_a_restore_nothing_is_written_or_read_under_a_wrong_name(place: Place, start_server: StartServer) -> None:
    servers = [start_server("--backend-store-uri", place.uri, **PATIENT) for _ in range(2)]
    first, second = servers
    run_id = new_run(first)
    log(first, run_id, before=1)
    place.back_up()
    # After the backup, both servers learn numbers that the restored database does not know...
    log(first, run_id, a=1, b=2, c=3)
    assert metrics_of(second, run_id) == {"before": 1, "a": 1, "b": 2, "c": 3}
    place.restore()
    # ...and gives to other names. The first to write may be either.
    log(second, run_id, c=30, x=10, y=20)
    log(first, run_id, a=100, b=200, z=300)
    expected = {"before": 1, "c": 30, "x": 10, "y": 20, "a": 100, "b": 200, "z": 300}
    # What servers remember for reading is looked at once in a second.
    until(lambda: all(metrics_of(server, run_id) == expected for server in servers))
    third = start_server("--backend-store-uri", place.uri, **PATIENT)
    assert metrics_of(third, run_id) == expected


def test_a_restored_database_is_read_under_its_own_names(place: Place, start_server: StartServer) -> None:
    """Without a write by the server that remembers."""
    first, second = [start_server("--backend-store-uri", place.uri, **PATIENT) for _ in range(2)]
    run_id = new_run(first)
    log(first, run_id, before=1)
    place.back_up()
    log(first, run_id, a=1, b=2)
    place.restore()
    log(second, run_id, x=10, y=20)
    until(lambda: metrics_of(first, run_id) == {"before": 1, "x": 10, "y": 20})


class Names(Load):
    """Threads that log one metric after another, each with a value that says its name."""

    def __init__(self, server: LiveServer, run_id: str, start: int) -> None:
        super().__init__(server, run_id, 3)
        self._steps = itertools.count(start)

    def _write(self) -> None:
        while not self._stop.is_set():
            number = next(self._steps)
            status, answer = self._server.call("POST", "runs/log-batch", body(self._run_id, number))
            if status == 200:
                self.acknowledged.add(number)
            else:
                self.failed.append(answer)


def body(run_id: str, number: int) -> dict[str, Any]:
    keys = {f"k{n}": n for n in (number, number // 2)}
    points = [{"key": key, "value": value, "timestamp": 1, "step": 0} for key, value in keys.items()]
    params = [{"key": key, "value": str(value)} for key, value in keys.items()]
    return {"run_id": run_id, "metrics": points, "params": params}


def test_a_restore_under_load_mixes_no_names(place: Place, start_server: StartServer) -> None:
    servers = [start_server("--backend-store-uri", place.uri, **PATIENT) for _ in range(2)]
    run_id = new_run(servers[0])
    with Names(servers[0], run_id, 0) as first, Names(servers[1], run_id, 10_000) as second:
        for load in (first, second):
            load.wait_for(20)
        place.back_up()
        for load in (first, second):
            load.wait_for(20)
        place.restore()
        for load in (first, second):
            load.wait_for(20)
    assert first.failed == second.failed == []
    third = start_server("--backend-store-uri", place.uri, **PATIENT)
    data: Any = third.call("GET", f"runs/get?run_id={run_id}")[1]["run"]["data"]  # type: ignore[index]
    found = [(each["key"], int(each["value"])) for each in (*data["metrics"], *data["params"])]
    assert len(found) > 80
    assert [(key, value) for key, value in found if key != f"k{value}"] == []


def test_a_backup_of_an_older_schema_is_migrated(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    log(server, new_run(server), m=1)
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    old.write(lambda connection: migrations._upgrade(connection, "0006"))
    old.close()
    (tmp_path / "old.db").replace(tmp_path / "mlyard.db")
    run_id = new_run(server)
    log(server, run_id, m=2)
    assert metrics_of(server, run_id) == {"m": 2}
    with closing(sqlite3.connect(tmp_path / "mlyard.db")) as connection:
        assert connection.execute("SELECT version_num FROM mlyard_schema").fetchone() == (migrations.HEAD,)


def test_a_backup_that_takes_long_to_migrate_asks_for_a_restart(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    log(server, new_run(server), m=1)
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript((SCHEMAS / "0002.sql").read_text())
    (tmp_path / "old.db").replace(tmp_path / "mlyard.db")
    answers = [
        server.call("GET", "experiments/get-by-name?experiment_name=old"),
        server.call("POST", "experiments/create", {"name": "new"}),
    ]
    assert [("Restart all servers" in str(answer["message"])) for _, answer in answers] == [True, True], answers
    assert server.stop() == 0
    server = start_server()
    assert server.call("GET", "experiments/get-by-name?experiment_name=old")[0] == 200


def test_tokens_of_pages_are_those_of_the_database(start_server: StartServer, tmp_path: Path) -> None:
    """Of another database, with another secret, which takes the place of the first."""
    first = start_server()
    (tmp_path / "apart").mkdir()
    apart = f"sqlite:///{tmp_path / 'apart' / 'mlyard.db'}"
    other = start_server("--backend-store-uri", apart)
    for _ in range(3):
        new_run(other)
    assert other.stop() == 0
    (tmp_path / "apart" / "mlyard.db").replace(tmp_path / "mlyard.db")
    query: dict[str, Any] = {"experiment_ids": ["0"], "max_results": 1}
    answer = first.call("POST", "runs/search", query)[1]
    assert len(answer["runs"]) == 1  # type: ignore[arg-type]  # the wire's own shape
    second = start_server()
    status, rest = second.call("POST", "runs/search", {**query, "page_token": answer["next_page_token"]})
    assert status == 200, rest


def test_a_file_that_is_missing_is_waited_for(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(MLYARD_DATABASE_PATIENCE="1")
    run_id = new_run(server)
    file, away = tmp_path / "mlyard.db", tmp_path / "away.db"
    file.rename(away)
    point = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1}
    assert server.call("POST", "runs/log-metric", point)[0] == 503
    assert server.call("GET", f"runs/get?run_id={run_id}")[0] == 503
    assert not file.exists(), "a new database was made in its place"
    away.rename(file)
    assert server.call("POST", "runs/log-metric", point) == (200, {})
    assert metrics_of(server, run_id) == {"m": 1}
