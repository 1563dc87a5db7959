"""Records MLflow's answers: plays each scenario against a fresh MLflow server, and writes recorded/<scenario>.json.

python tests/wire/record.py --mlflow-python <python of an environment with mlflow> [scenario ...]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from playing import play
from recordings import MLFLOW_VERSION, NAMES, RECORDED, scenario, store

START_SECONDS = 120
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "PYTHONHASHSEED": "0",  # sets in messages keep their order
}


@contextmanager
def mlflow_server(python: str, port: int) -> Iterator[str]:
    """A fresh MLflow server on SQLite, in a folder of its own; its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        command += ["--backend-store-uri", "sqlite:///mlflow.db"]
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **SETTINGS},
            )
            try:
                _await(process, f"http://127.0.0.1:{port}/health")
                yield f"http://127.0.0.1:{port}"
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if urllib3.PoolManager(retries=False, timeout=2).request("GET", address).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
    raise SystemExit("MLflow's server does not answer")


def main() -> None:
    """Record the scenarios that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlflow-python", required=True)
    parser.add_argument("--port", type=int, default=5961)
    parser.add_argument("scenarios", nargs="*", default=NAMES)
    options = parser.parse_args()
    asked = [options.mlflow_python, "-c", "import importlib.metadata as m; print(m.version('mlflow'))"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    if version != MLFLOW_VERSION:
        raise SystemExit(f"mlflow {version} is installed there, not {MLFLOW_VERSION}")
    RECORDED.mkdir(exist_ok=True)
    for name in options.scenarios:
        steps = scenario(name)
        with mlflow_server(options.mlflow_python, options.port) as url:
            results = play(url, steps)
        store(name, steps, results)
        print(f"{name}: {len(steps)} requests, {(RECORDED / f'{name}.json').stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
