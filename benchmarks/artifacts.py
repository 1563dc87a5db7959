"""Compares uploads and downloads: mlyard, MLflow and the object-store library alone, on one S3 server.

Run it with `make bench RUN=artifacts.py`. Each transfer runs in its own process, which does not count its imports.
"proxied" transfers go through a server of the same system to S3; "folder" ones go through a server to a folder on
the same disk. Writes benchmarks/results/artifacts.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import machine
from systems import memory_mb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import await_answer, clean_environment, free_port  # noqa: E402
from tests.s3 import BUCKET, S3Server, s3_server  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "artifacts.json"
PYTHON = {"mlyard": sys.executable, "mlflow": str(ROOT / ".cache/mlflow-3.17.2/bin/python"), "obstore": sys.executable}
SMALL, LARGE = "small", "large"
NAMES = ("obstore", "mlyard", "mlflow", "mlyard proxied", "mlflow proxied", "mlyard folder", "mlflow folder")

CLIENT = """
import sys, time, tempfile, importlib
package, uri, location, folder = sys.argv[1:]
mlflow = importlib.import_module(package)
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()
experiment = client.create_experiment("e" + str(time.time_ns()), location or None)
run = client.create_run(experiment).info.run_id
client.log_text(run, "warm", "warm.txt")
start = time.perf_counter()
client.log_artifacts(run, folder, "data")
up = time.perf_counter() - start
with tempfile.TemporaryDirectory() as back:
    start = time.perf_counter()
    client.download_artifacts(run, "data", back)
    print(up, time.perf_counter() - start)
"""

LIBRARY = """
import sys, time, tempfile, os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import obstore
from obstore.store import S3Store
endpoint, prefix, folder = sys.argv[1:]
store = S3Store("mlflow", prefix=prefix, endpoint=endpoint, client_options={"allow_http": True, "timeout": "1h"})
files = sorted(Path(folder).iterdir())
obstore.put(store, "warm", b"warm")
def down(path, back):
    with open(os.path.join(back, path), "wb") as sink:
        for chunk in obstore.get(store, path).stream(min_chunk_size=1 << 20):
            sink.write(chunk)
with ThreadPoolExecutor(8) as pool, tempfile.TemporaryDirectory() as back:
    start = time.perf_counter()
    list(pool.map(lambda f: obstore.put(store, f.name, f), files))
    up = time.perf_counter() - start
    start = time.perf_counter()
    list(pool.map(lambda f: down(f.name, back), files))
    print(up, time.perf_counter() - start)
"""


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def make_files(folder: Path, count: int, size: int) -> dict[str, Path]:
    """Create the two loads: many small files, and one large file."""
    folders = {SMALL: folder / SMALL, LARGE: folder / LARGE}
    for each in folders.values():
        each.mkdir()
    for number in range(count):
        (folders[SMALL] / f"{number:05}.bin").write_bytes(os.urandom(10_000))
    with (folders[LARGE] / "large.bin").open("wb") as stream:
        for _ in range(size // (1 << 20)):
            stream.write(os.urandom(1 << 20))
    return folders


@contextmanager
def server(system: str, s3: S3Server, folder: Path, way: str = "proxied") -> Iterator[tuple[str, int]]:
    """A server that proxies artifacts to S3 or to a folder; yields its address and process id."""
    port, name = free_port(), f"{system}-{way}"
    options = [
        "--backend-store-uri",
        f"sqlite:///{folder / f'{name}.db'}",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    options += ["--artifacts-destination", f"s3://{BUCKET}/{name}" if way == "proxied" else str(folder / name)]
    command = [PYTHON[system], "-m", system, "server", *options]
    environment = clean_environment(DO_NOT_TRACK="true", **s3.environment)
    log = (folder / f"{name}.log").open("wb")
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        await_answer(process, f"http://127.0.0.1:{port}", seconds=120)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def trip(system: str, arguments: list[str], s3: S3Server, folder: Path) -> tuple[float, float]:
    """The seconds of the upload and of the download."""
    code = LIBRARY if system == "obstore" else CLIENT
    environment = clean_environment(
        DO_NOT_TRACK="true",
        MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
        AWS_DEFAULT_REGION="us-east-1",
        **s3.environment,
    )
    done = subprocess.run(
        [PYTHON[system], "-W", "ignore", "-c", code, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    up, down = done.stdout.split()[-2:]
    return float(up), float(down)


def peak_mb(pid: int) -> float:
    """The current memory of a server and its child processes, in MB."""
    return memory_mb(pid)["pss"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=1000, help="number of small files, of 10 kB each")
    parser.add_argument("--size", type=int, default=2 << 30, help="size of the large file, in bytes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    rows: dict[str, list[float]] = {}
    memory: dict[str, float] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "s3").mkdir()
        s3 = stack.enter_context(s3_server(folder / "s3"))
        loads = make_files(folder, options.files, options.size)
        servers = {
            name: stack.enter_context(server(*name.split()[:1], s3, folder, name.split()[1]))
            for name in NAMES
            if " " in name
        }
        idle = {name: peak_mb(pid) for name, (_, pid) in servers.items()}
        for number in range(options.rounds):
            for load, path in loads.items():
                for name in NAMES:
                    system = name.partition(" ")[0]
                    if system == "obstore":
                        arguments = [s3.url, f"library/{number}", str(path)]
                    elif name in servers:
                        arguments = [system, servers[name][0], "", str(path)]
                    else:
                        database = f"sqlite:///{folder / f'{system}-direct.db'}"
                        arguments = [system, database, f"s3://{BUCKET}/{system}-direct", str(path)]
                    up, down = trip(system, arguments, s3, folder)
                    for way, seconds in (("up", up), ("down", down)):
                        rows.setdefault(f"{load} {way} {name}", []).append(seconds)
                    if name in servers:
                        memory[name] = max(memory.get(name, 0), peak_mb(servers[name][1]))
                    say(f"{load:6} {name:15} up {up:7.2f} s, down {down:7.2f} s")
                    clear(s3, folder)
    found = {
        "machine": machine.describe(),
        "files": options.files,
        "bytes": options.size,
        "seconds": {name: {"median": statistics.median(values), "all": values} for name, values in rows.items()},
        "server_mb": {"idle": idle, "after": memory},
    }
    options.results.write_text(json.dumps(found, indent=2) + "\n")
    table(found)


def clear(s3: S3Server, folder: Path) -> None:
    """Empty the bucket and the servers' folders, so that the disk does not fill up."""
    for used in folder.glob("*-folder"):
        shutil.rmtree(used)
        used.mkdir()
    client = s3.client()
    keys = [{"Key": key} for key in s3.objects()]
    for first in range(0, len(keys), 1000):
        client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys[first : first + 1000]})


def table(found: dict[str, object]) -> None:
    print("| seconds | " + " | ".join(NAMES) + " |")
    for load in (SMALL, LARGE):
        for way in ("up", "down"):
            values = [found["seconds"][f"{load} {way} {name}"]["median"] for name in NAMES]  # type: ignore[index]
            print(f"| {load} {way} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    print(found["server_mb"])


if __name__ == "__main__":
    main()
