"""A server of MLflow."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT, LiveServer, await_answer, clean_environment, end, free_port


@pytest.fixture(scope="session")
def mlflows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server of MLflow's for all tests that only add to it."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    options = ["--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--host", "127.0.0.1", "--port", str(port)]
    command = [ROOT / ".cache/mlflow-3.17.2/bin/mlflow", "server", *options, "--workers", "1"]
    environment = clean_environment(MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false")  # eight more processes
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        await_answer(process, f"http://127.0.0.1:{port}")
        yield LiveServer(f"http://127.0.0.1:{port}", folder, process)
    finally:
        end(process)
