"""Databases and folders of other programs are refused in one sentence, and stay as they are."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import mlyard
from mlyard.core.errors import InvalidParameter
from tests.conftest import START_SECONDS, clean_environment
from tests.postgres import Cluster

# Parts of MLflow's tables, enough to recognise any of its versions.
MLFLOW = """
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
    CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256));
    CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250));
    INSERT INTO experiments VALUES (0, 'Default');
"""
OTHER = """
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);
    INSERT INTO orders VALUES (1, 7);
"""
DATABASES = {"MLflow": MLFLOW, "another program": OTHER, "another program with a view": "CREATE VIEW v AS SELECT 1"}
# Each command that opens a store, up to the address.
COMMANDS = (
    ("server", "--port", "0", "--backend-store-uri"),
    ("server", "--port", "0", "--registry-store-uri"),
    ("server", "--port", "0", "--workers", "2", "--backend-store-uri"),
    ("ui", "--port", "0", "--backend-store-uri"),
    ("gc", "--backend-store-uri"),
    ("gc", "--tracking-uri"),
    ("db", "upgrade"),
    ("db", "current"),
    ("db", "check"),
)


def refusal(command: tuple[str, ...], address: str) -> str:
    """What a command says about an address that it refuses."""
    done = subprocess.run(
        [sys.executable, "-m", "mlyard", *command, address],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
        env=clean_environment(),
    )
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


def seen(folder: Path) -> dict[str, tuple[str, int]]:
    """The content and the time of change of everything in a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in files}


def made(path: Path, script: str, journal: str = "DELETE") -> str:
    """The address of a new SQLite database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.executescript(script)
    return f"sqlite:///{path}"


def client(address: str) -> None:
    """Ask a store, as a program does."""
    mlyard.MlyardClient(address).search_experiments()


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
@pytest.mark.parametrize("owner", DATABASES)
def test_an_sqlite_database(tmp_path: Path, owner: str, journal: str) -> None:
    (tmp_path / "theirs").mkdir()
    address = made(tmp_path / "theirs" / "mlyard.db", DATABASES[owner], journal)
    before = seen(tmp_path / "theirs")
    for uri in (address, str(tmp_path / "theirs"), (tmp_path / "theirs").as_uri()):
        with pytest.raises(InvalidParameter, match=f"belongs to {owner.partition(' with')[0]} .*leaves it as it is"):
            client(uri)
    assert seen(tmp_path / "theirs") == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_leaves_it_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "theirs").mkdir()
    address = made(tmp_path / "theirs" / "mlflow.db", MLFLOW)
    before = seen(tmp_path / "theirs")
    assert "belongs to MLflow" in refusal(command, address)
    assert seen(tmp_path / "theirs") == before


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 2\0 and more", b"\0" * 4096])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "theirs").mkdir()
    path = tmp_path / "theirs" / "file.db"
    path.write_bytes(content)
    before = seen(tmp_path / "theirs")
    with pytest.raises(InvalidParameter, match="is not an SQLite database"):
        client(f"sqlite:///{path}")
    assert seen(tmp_path / "theirs") == before


def test_a_database_that_its_program_has_open(tmp_path: Path) -> None:
    """What it has written may be only in the log beside the file."""
    path = tmp_path / "mlflow.db"
    made(path, "", "WAL")
    with closing(sqlite3.connect(path)) as theirs:
        theirs.executescript(MLFLOW)
        before = path.read_bytes(), Path(f"{path}-wal").read_bytes()
        with pytest.raises(InvalidParameter, match="belongs to MLflow"):
            client(f"sqlite:///{path}")
        assert (path.read_bytes(), Path(f"{path}-wal").read_bytes()) == before
        theirs.execute("INSERT INTO runs VALUES ('a', 'b')")


def test_an_empty_file_or_database_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    client(f"sqlite:///{tmp_path / 'empty.db'}")
    client(made(tmp_path / "without-tables.db", ""))
    client(f"sqlite:///{tmp_path / 'without-tables.db'}")


def _dump(address: str) -> list[object]:
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') ORDER BY 1").fetchall()
        return [*tables, connection.execute("SELECT * FROM pg_stat_user_tables ORDER BY relname").fetchall()]


@pytest.mark.parametrize("owner", DATABASES)
def test_a_postgresql_database(postgres: Cluster, owner: str) -> None:
    address = postgres.new_database()
    with psycopg.connect(address) as connection:
        connection.execute(DATABASES[owner])
    before = _dump(address)[:-1]
    expected = f"belongs to {owner.partition(' with')[0]} "
    with pytest.raises(InvalidParameter, match=expected):
        client(address)
    for command in (COMMANDS[0], ("db", "upgrade"), ("gc", "--backend-store-uri")):
        assert expected in refusal(command, address)
    assert _dump(address)[:-1] == before


@pytest.mark.parametrize("inside", ["", "mlruns"])
def test_a_folder_of_mlflow(tmp_path: Path, inside: str) -> None:
    theirs = tmp_path / "theirs"
    (theirs / inside / "0").mkdir(parents=True)
    (theirs / inside / "0" / "meta.yaml").write_text("experiment_id: '0'\nname: Default\n")
    before = seen(theirs)
    for uri in (str(theirs), theirs.as_uri()):
        with pytest.raises(InvalidParameter, match="is a store of MLflow, and mlyard leaves it as it is"):
            client(uri)
    for command in COMMANDS[:4]:
        assert "is a store of MLflow" in refusal(command, str(theirs))
    assert seen(theirs) == before


def test_a_database_beside_a_folder_of_mlflow(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As where people start: in the folder of their project, without options. They learn it once."""
    theirs = tmp_path / "mlruns"
    (theirs / "0").mkdir(parents=True)
    (theirs / "0" / "meta.yaml").write_text("experiment_id: '0'\nname: Default\n")
    before = seen(theirs)
    for _ in range(2):
        client(f"sqlite:///{tmp_path / 'mlyard.db'}")
    assert caplog.text.count(f"The folder {theirs} is a store of MLflow") == 1
    assert seen(theirs) == before


def test_a_schema_of_a_newer_mlyard(tmp_path: Path) -> None:
    """It is refused, and nothing in it changes."""
    path = tmp_path / "mlyard.db"
    client(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE mlyard_schema SET version_num = '9999'")
        connection.commit()
        before = list(connection.iterdump())
    said = refusal(("server", "--port", "0", "--backend-store-uri"), f"sqlite:///{path}")
    assert "schema is '9999'" in said
    assert "Use the version of mlyard that wrote it" in said
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before
