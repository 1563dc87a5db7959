"""A real PostgreSQL for the tests: a throw-away cluster, as many databases in it as they like."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.ports import free_port
from tools.stack import postgres


class Cluster(postgres.Cluster):
    """A running server; ``admin`` is the URI of its first database."""

    @property
    def admin(self) -> str:
        return self.uri("postgres")

    def uri(self, database: str) -> str:
        """A database's address."""
        return f"postgresql://mlyard@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """An empty database's address."""
        name = f"d{uuid.uuid4().hex}"
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.uri(name)


@contextmanager
def cluster(host_authentication: str = "trust") -> Iterator[Cluster]:
    """A cluster that is gone afterwards. The argument says how users prove over TCP who they are."""
    programs = postgres.programs()
    assert programs, "PostgreSQL is missing: run `make test`, which installs it"
    folder = Path(tempfile.mkdtemp(prefix="mlyard-pg-", dir="/tmp"))
    postgres.own(folder)
    found = Cluster(folder, free_port(), programs)
    found.initialize("-U", "mlyard", "--auth-local=trust", f"--auth-host={host_authentication}")
    found.control("start")
    try:
        yield found
    finally:
        with suppress(subprocess.CalledProcessError):  # the test has stopped it
            found.control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
