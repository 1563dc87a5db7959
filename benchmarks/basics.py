"""This machine's figures of what every user meets: import, start, memory, requests, history.

`make bench`; needs no other program. Medians of five rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import urllib3

from mlyard.core.network import listen

ROUNDS = 5
API = "/api/2.0/mlflow"


def process_seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(ROUNDS))


@contextmanager
def server(folder: str) -> Iterator[tuple[str, float, float]]:
    """A server's address, its seconds to the first answer, its memory in MB."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlyard", "server", "--port", str(port)], cwd=folder, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    pool = urllib3.PoolManager(retries=False)
    while True:
        try:
            pool.request("GET", f"{url}/health")
            break
        except urllib3.exceptions.HTTPError:
            continue
    seconds = time.perf_counter() - start
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    try:
        yield url, seconds, memory
    finally:
        process.terminate()
        process.wait()


def requests_a_second(url: str, path: str, body: dict[str, object], connections: int = 20, count: int = 2000) -> float:
    pool = urllib3.PoolManager(maxsize=connections)

    def one(number: int) -> None:
        answer = pool.request("POST", f"{url}{API}{path}", json={**body, "step": number})
        assert answer.status == 200, answer.data

    with ThreadPoolExecutor(connections) as threads:
        start = time.perf_counter()
        list(threads.map(one, range(count)))
        return count / (time.perf_counter() - start)


def main() -> None:
    empty = median(lambda: process_seconds("-c", "pass"))
    print(
        f"import mlyard              {1000 * (median(lambda: process_seconds('-c', 'import mlyard')) - empty):8.1f} ms"
    )
    print(f"mlyard --version           {1000 * median(lambda: process_seconds('-m', 'mlyard', '--version')):8.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        with server(folder) as (_, seconds, _):
            print(f"first start, new database  {1000 * seconds:8.1f} ms")
        with server(folder) as (url, seconds, memory):
            print(f"next start                 {1000 * seconds:8.1f} ms")
            print(f"idle memory                {memory:8.1f} MB")
            run = urllib3.request("POST", f"{url}{API}/runs/create", json={"experiment_id": "0"}).json()
            point = {"run_id": run["run"]["info"]["run_id"], "key": "m", "value": 1.5, "timestamp": 1}
            rate = statistics.median(requests_a_second(url, "/runs/log-metric", point) for _ in range(ROUNDS))
            print(f"log-metric, durable        {rate:8.0f} requests/s (20 connections, client on the same machine)")


if __name__ == "__main__":
    main()
