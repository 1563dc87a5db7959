"""A real PostgreSQL for the tests: a throw-away cluster, as many databases in it as they like."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.ports import free_port

SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=100", "shared_buffers=64MB")


@dataclass
class Cluster:
    """A running server; ``admin`` is the URI of its first database."""

    folder: Path
    port: int
    programs: Path

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

    def control(self, *arguments: str) -> None:
        """Call pg_ctl on this cluster."""
        options = [f"-p {self.port}", f"-k {self.folder}", *(f"-c {setting}" for setting in SETTINGS)]
        log = self.folder / "log"
        command = [str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "-l", str(log), "-s"]
        as_postgres([*command, "-o", " ".join(options), *arguments])


def programs() -> Path:
    """The newest PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    beside = shutil.which("initdb")
    assert found or beside, "PostgreSQL is missing: run `make test`, which installs it"
    return found[-1] if found else Path(str(beside)).parent


def as_postgres(command: Sequence[str]) -> None:
    """Run a program as a user that PostgreSQL agrees to run as: anyone but root."""
    if os.geteuid() != 0:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return
    user = pwd.getpwnam("postgres")
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/"
    )


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mlyard-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    found = Cluster(folder, free_port(), programs())
    settings = ("-U", "mlyard", "--auth=trust", "-E", "UTF8", "--no-locale")  # the same on every machine
    as_postgres([str(found.programs / "initdb"), "-D", str(folder / "data"), *settings])
    found.control("start")
    try:
        yield found
    finally:
        found.control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
