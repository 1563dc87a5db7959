"""Shows where a server's answers differ from MLflow's recorded ones.

    python tests/wire/compare.py [--all] http://127.0.0.1:5000 [scenario ...]

The server should be a fresh one; with several scenarios, searches see what the others made. Without an
address, each scenario gets a fresh `mlyard server`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from differences import unexpected
from diffing import Difference, differences
from playing import play
from recordings import NAMES, load


def compared(name: str, url: str) -> list[Difference]:
    """All differences of one scenario, the deliberate ones too."""
    steps, recorded = load(name)
    found = []
    for number, (step, theirs, ours) in enumerate(zip(steps, recorded, play(url, steps), strict=True), 1):
        found += differences(name, number, step, theirs, ours)
    return found


@contextmanager
def fresh_server(port: int) -> Iterator[str]:
    """An mlyard server in an empty folder; its address."""
    command = [sys.executable, "-m", "mlyard", "server", "--port", str(port)]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(300):
                try:
                    urllib3.PoolManager(retries=False, timeout=2).request("GET", f"http://127.0.0.1:{port}/health")
                    break
                except urllib3.exceptions.HTTPError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def main() -> int:
    """1 when there are differences that the table does not name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="show the deliberate differences too")
    parser.add_argument("--port", type=int, default=5969, help="of the fresh servers")
    parser.add_argument("names", nargs="*", metavar="URL or scenario")
    options = parser.parse_args()
    urls = [name for name in options.names if "://" in name]
    total = 0
    for name in [name for name in options.names if "://" not in name] or NAMES:
        if urls:
            found = compared(name, urls[0])
        else:
            with fresh_server(options.port) as url:
                found = compared(name, url)
        shown = found if options.all else unexpected(found)
        total += len(shown)
        for difference in shown:
            print(difference)
        print(f"== {name}: {len(shown)} differences", flush=True)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
