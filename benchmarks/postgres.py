"""Runs a temporary PostgreSQL cluster with default settings, so with fsync."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from systems import free_port

HOST = "127.0.0.1"
USER = "bench"
PASSWORD = "bench"
# All systems are connected at once, MLflow with up to 15 connections per worker. All other settings are defaults.
SETTINGS = {"listen_addresses": HOST, "max_connections": "200", "fsync": "on", "logging_collector": "off"}


@dataclass(frozen=True)
class Cluster:
    port: int

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{PASSWORD}@{HOST}:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, database: str) -> None:
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}"')

    def version(self) -> str:
        with self.connect() as connection:
            row = connection.execute("SHOW server_version").fetchone()
            assert row is not None
            return str(row[0])


def binaries() -> Path:
    """The folder of the newest PostgreSQL installed on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    raise SystemExit("PostgreSQL is not installed: apt-get install postgresql")


def _as_owner(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root, so root runs it as the user that its package created."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else list(command)


def _own(folder: Path) -> None:
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster with an empty database ``postgres`` and a superuser ``bench``."""
    tools, folder, port = binaries(), Path(tempfile.mkdtemp(prefix="bench-postgres-")), free_port()
    (folder / "password").write_text(PASSWORD)
    _own(folder)
    data = str(folder / "data")

    def call(tool: str, *arguments: str) -> None:
        subprocess.run(_as_owner(str(tools / tool), "-D", data, *arguments), check=True, stdout=subprocess.DEVNULL)

    try:
        secret = f"--pwfile={folder / 'password'}"
        call("initdb", "-U", USER, "-A", "scram-sha-256", secret, "-E", "UTF8", "--locale=C.UTF-8")
        with (folder / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            file.write(f"port = {port}\nunix_socket_directories = '{folder}'\n")
        call("pg_ctl", "-w", "-l", str(folder / "log"), "start")
        try:
            yield Cluster(port)
        finally:
            call("pg_ctl", "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
