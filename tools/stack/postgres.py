"""A PostgreSQL cluster in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=100", "shared_buffers=64MB")


@dataclass
class Cluster:
    """A cluster in ``folder``, with PostgreSQL's ``programs``. It listens on ``port`` of 127.0.0.1."""

    folder: Path
    port: int
    programs: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def initialize(self, *options: str) -> None:
        """Make the cluster's files, the same on every machine. The options are initdb's."""
        as_postgres([str(self.programs / "initdb"), "-D", str(self.data), "-E", "UTF8", "--no-locale", *options])

    def control(self, *arguments: str, sockets: str | None = None) -> None:
        """Call pg_ctl, and wait until it is done. ``sockets``: the folder of Unix sockets. Default: the cluster's."""
        settings = [*SETTINGS, f"unix_socket_directories={self.folder if sockets is None else sockets}"]
        options = " ".join([f"-p {self.port}", *(f"-c {setting}" for setting in settings)])
        command = [str(self.programs / "pg_ctl"), "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-s"]
        as_postgres([*command, "-o", options, *arguments])


def programs() -> Path | None:
    """The folder with the newest PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    beside = shutil.which("initdb")
    return found[-1] if found else Path(beside).parent if beside else None


def own(folder: Path) -> None:
    """Give a folder to the user that PostgreSQL runs as."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")


def can_enter(folder: Path) -> bool:
    """Whether the user that PostgreSQL runs as reaches a folder."""
    try:
        as_postgres(["test", "-x", str(folder)])
    except subprocess.CalledProcessError:
        return False
    return True


def as_postgres(command: Sequence[str]) -> None:
    """Run a program as a user that PostgreSQL agrees to run as: anyone but root."""
    if os.geteuid() != 0:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return
    user = pwd.getpwnam("postgres")
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/"
    )
