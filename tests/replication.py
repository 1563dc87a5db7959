"""Two real PostgreSQLs: a primary, and a replica that streams from it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError

import psycopg

from tests.conftest import until
from tests.ports import free_port
from tests.postgres import Cluster, cluster
from tools.stack import postgres


@dataclass
class Pair:
    """A primary and its replica. Each may be stopped and started; the replica may be promoted."""

    primary: Cluster
    replica: Cluster

    def uri(self, database: str, options: str = "") -> str:
        """The address of a database that is on either."""
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in (self.primary, self.replica))
        return f"postgresql://mlyard@{hosts}/{database}{options}"

    def synchronize(self) -> None:
        """From now on, a commit is acknowledged when the replica has it on disk."""
        with psycopg.connect(self.primary.admin, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET synchronous_standby_names TO '*'")
            admin.execute("SELECT pg_reload_conf()")
            state = "SELECT sync_state FROM pg_stat_replication"
            until(lambda: admin.execute(state).fetchall() == [("sync",)])


@contextmanager
def replicated() -> Iterator[Pair]:
    """A pair that is gone afterwards."""
    with cluster() as primary:
        folder = Path(tempfile.mkdtemp(prefix="mlyard-pg-", dir="/tmp"))
        postgres.own(folder)
        replica = Cluster(folder, free_port(), primary.programs)
        copy = [str(primary.programs / "pg_basebackup"), "-D", str(replica.data), "-R", "-c", "fast"]
        postgres.as_postgres([*copy, "-d", primary.admin])
        replica.control("start")
        try:
            yield Pair(primary, replica)
        finally:
            with suppress(CalledProcessError):  # a test has stopped it
                replica.control("-m", "immediate", "stop")
            shutil.rmtree(folder, ignore_errors=True)
