"""A run whose client was killed is ended, and opens again when its client comes back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.conftest import LiveServer, clean_environment, until

TRAIN = """
import sys, mlyard
run = mlyard.start_run()
print(run.info.run_id, flush=True)
sys.stdin.read()
"""


def info_of(server: LiveServer, run_id: str) -> Any:
    return server.call("GET", f"runs/get?run_id={run_id}")[1]["run"]["info"]  # type: ignore[index]


def test_a_killed_clients_run_ends_and_opens_again(start_server: Callable[..., LiveServer], database: str) -> None:
    server = start_server("--backend-store-uri", database)
    environment = clean_environment(MLYARD_TRACKING_URI=server.url, MLYARD_RUN_LEASE_SECONDS="1")
    client = subprocess.Popen(
        [sys.executable, "-c", TRAIN], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert client.stdout is not None
    run_id = client.stdout.readline().strip()
    client.kill()
    client.communicate()
    lost = until(lambda: info if (info := info_of(server, run_id))["status"] == "KILLED" else None)
    assert lost["lost"] is True
    assert lost["end_time"] > lost["start_time"]
    point = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1}
    assert server.call("POST", "runs/log-metric", point) == (200, {})
    back = info_of(server, run_id)
    assert (back["status"], "end_time" in back, "lost" in back) == ("RUNNING", False, False)
