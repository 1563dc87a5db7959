"""The server as a process: it starts by itself, keeps what it acknowledged, and stops cleanly."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3

from tests.conftest import START_SECONDS, LiveServer, clean_environment, free_port

StartServer = Callable[..., LiveServer]


def new_run(server: LiveServer) -> str:
    _, answer = server.call("POST", "runs/create", {"experiment_id": "0"})
    return str(answer["run"]["info"]["run_id"])  # type: ignore[index]  # the wire's own shape


def history(server: LiveServer, run_id: str) -> set[int]:
    _, answer = server.call("GET", f"metrics/get-history?run_id={run_id}&metric_key=m")
    return {point["step"] for point in answer.get("metrics", [])}  # type: ignore[attr-defined]


def test_it_makes_its_database_and_folder_and_answers(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    assert server.get("/health").data == b"OK"
    assert {"mlyard.db", "mlartifacts"} <= {path.name for path in tmp_path.iterdir()}
    assert server.call("GET", "experiments/get?experiment_id=0")[0] == 200


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_was_acknowledged_survives_its_end_under_load(start_server: StartServer, sent: signal.Signals) -> None:
    server = start_server()
    run_id = new_run(server)
    acknowledged: list[int] = []
    halfway = threading.Event()

    def write(first: int) -> None:
        for step in itertools.count(first, 4):
            body = {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1, "step": step}
            try:
                status, _ = server.call("POST", "runs/log-metric", body)
            except urllib3.exceptions.HTTPError:
                return
            if status != 200:
                return
            acknowledged.append(step)
            if len(acknowledged) > 100:
                halfway.set()

    writers = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for writer in writers:
        writer.start()
    assert halfway.wait(START_SECONDS)
    status = server.stop(sent)
    for writer in writers:
        writer.join()
    assert status == (-signal.SIGKILL if sent is signal.SIGKILL else 0)
    assert set(acknowledged) <= history(start_server(), run_id)


def test_a_port_in_use_gets_a_clear_message(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "mlyard", "server", "--port", port]
        done = subprocess.run(
            command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_servers_that_start_at_once_share_one_new_database(start_server: StartServer) -> None:
    servers: list[LiveServer] = []
    threads = [threading.Thread(target=lambda: servers.append(start_server())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(servers) == 3
    run_id = new_run(servers[0])
    assert all(server.call("GET", f"runs/get?run_id={run_id}")[0] == 200 for server in servers)


def test_a_database_of_a_newer_schema_is_refused(start_server: StartServer, tmp_path: Path) -> None:
    import sqlite3

    start_server().stop()
    with sqlite3.connect(tmp_path / "mlyard.db") as connection:
        connection.execute("UPDATE mlyard_schema SET version_num = '9999'")
    connection.close()
    command = [sys.executable, "-m", "mlyard", "server", "--port", "0"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "9999" in done.stderr
    assert "Traceback" not in done.stderr
