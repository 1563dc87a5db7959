"""A real PgBouncer in front of a PostgreSQL of the tests, in transaction mode."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.conftest import end, until
from tests.ports import free_port
from tests.postgres import Cluster
from tools.stack import postgres


def program() -> str:
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "PgBouncer is missing: run `make test`, which installs it"
    return found


@contextmanager
def pgbouncer(cluster: Cluster, of_database: str = "", **settings: str) -> Iterator[Cluster]:
    """The cluster behind PgBouncer: its address, with another port. The settings are PgBouncer's."""
    folder = Path(tempfile.mkdtemp(prefix="mlyard-pgb-", dir="/tmp"))
    port = free_port()
    lines = {"listen_addr": "127.0.0.1", "listen_port": str(port), "unix_socket_dir": "", "auth_type": "any"}
    lines |= {"pool_mode": "transaction", "default_pool_size": "3", "logfile": f"{folder}/log", **settings}
    text = "".join(f"{name} = {value}\n" for name, value in lines.items())
    databases = f"* = host=127.0.0.1 port={cluster.port} user=mlyard {of_database}"
    (folder / "ini").write_text(f"[databases]\n{databases}\n[pgbouncer]\n{text}")
    postgres.own(folder)
    user = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None  # it refuses to run as root
    process = subprocess.Popen([program(), "-q", str(folder / "ini")], user=user)
    try:
        until(lambda: _answers(cluster, port))
        yield Cluster(cluster.folder, port, cluster.programs)
    finally:
        end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(cluster: Cluster, port: int) -> bool:
    try:
        psycopg.connect(Cluster(cluster.folder, port, cluster.programs).admin).close()
    except psycopg.OperationalError:
        return False
    return True
