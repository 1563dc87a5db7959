"""The systems that are compared: their environments, their start and stop, their memory."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
UV = ROOT / ".venv" / "bin" / "uv"
HOST = "127.0.0.1"
FIRST_ANSWER = "/api/2.0/mlflow/experiments/get?experiment_id=0"
START_LIMIT = 180


@dataclass(frozen=True)
class System:
    """One system. ``command`` makes the server's arguments from a database address and a port."""

    name: str
    package: str
    requirements: tuple[str, ...]
    program: str
    command: Callable[[str, int], list[str]]

    @property
    def folder(self) -> Path:
        return CACHE / f"bench-{self.name}"

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def executable(self) -> str:
        return str(self.folder / "bin" / self.program)

    def version(self) -> str:
        code = f"from importlib.metadata import version; print(version('{self.package}'))"
        return subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def _mlyard_requirements() -> tuple[str, ...]:
    """mlyard as an operator of a server installs it: with its extras for the server, PostgreSQL and S3."""
    known = metadata.metadata("mlyard").get_all("Provides-Extra") or []
    extras = [name for name in ("server", "postgresql", "s3") if name in known]
    missing = [] if "postgresql" in extras else ["psycopg[binary]"]
    return (f"{ROOT}[{','.join(extras)}]", *missing)


def _mlyard(database: str, port: int) -> list[str]:
    return ["server", "--backend-store-uri", database, "--port", str(port)]


def _mlflow(database: str, port: int) -> list[str]:
    # Without a driver in the address, MLflow uses another driver than the one that its documentation installs.
    address = database.replace("postgresql://", "postgresql+psycopg2://")
    return ["server", "--backend-store-uri", address, "--host", HOST, "--port", str(port)]


def _fasttrackml(database: str, port: int) -> list[str]:
    address = f"{HOST}:{port}"
    return ["server", "--log-level", "error", "--database-uri", database, "--listen-address", address]


SYSTEMS = (
    System("mlyard", "mlyard", _mlyard_requirements(), "mlyard", _mlyard),
    System("mlflow", "mlflow", ("mlflow==3.17.2", "psycopg2-binary", "boto3"), "mlflow", _mlflow),
    System("fasttrackml", "fasttrackml", ("fasttrackml==0.6.0",), "fml", _fasttrackml),
)


def install(system: System) -> None:
    """Create the system's environment, or update it."""
    if not UV.exists():
        raise SystemExit(f"{UV} is missing. Run `make bench`, which installs it.")
    if not Path(system.python).exists():
        subprocess.run([UV, "venv", "--quiet", "--python", ROOT / ".venv/bin/python", system.folder], check=True)
    # mlyard is always rebuilt, because its version does not change with its source.
    again = ["--reinstall-package", "mlyard"] if system.name == "mlyard" else []
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", system.python, *again, *system.requirements], check=True
    )


def environment() -> dict[str, str]:
    """This process's environment variables, without those that configure a server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "MLYARD_", "FML_"))}
    # Bytecode is written, as in any installation: a server that compiles at each start would look slow.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """A process and its child processes, at any depth."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += descendants(int(child))
    return found


def memory_mb(pid: int) -> dict[str, float]:
    """PSS (shared pages split among their users) and RSS, summed over a process and its child processes."""
    sums = {"pss": 0.0, "rss": 0.0, "processes": 0.0}
    for process in descendants(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                name = line.split(":")[0].lower()
                if name in ("pss", "rss"):
                    sums[name] += int(line.split()[1]) / 1024
            sums["processes"] += 1
    return sums


@dataclass(frozen=True)
class Server:
    """A running server."""

    system: System
    port: int
    pid: int
    seconds: float

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", FIRST_ANSWER)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def running(system: System, database: str) -> Iterator[Server]:
    """Run the system's server on a database; enters when it has answered a first request about an experiment."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix=f"bench-{system.name}-"))
    with (folder / "log").open("wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            [system.executable(), *system.command(database, port)],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - start > START_LIMIT:
                raise RuntimeError(f"{system.name} did not start:\n{(folder / 'log').read_text()[-3000:]}")
            time.sleep(0.01)
        yield Server(system, port, process.pid, time.perf_counter() - start)
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server, and child processes that it left running."""
    family = descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
