"""Unmodified MLflow clients of four generations, each in an environment of its own, and our server on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, START_SECONDS, LiveServer, clean_environment

TOUR = Path(__file__).parent / "tour"
VERSIONS = ("1.8.0", "1.30.1", "2.22.5", "3.17.2")


def run_by(version: str, folder: Path, program: Path, *arguments: str) -> None:
    """Run a program by the interpreter of an MLflow client. Fails if it does."""
    programs = ROOT / f".cache/mlflow-{version}/bin"
    assert (programs / "python").exists(), f"{programs}/python is missing: run `make test`, which makes it"
    environment = clean_environment(
        DO_NOT_TRACK="true",
        MLFLOW_DISABLE_TELEMETRY="true",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
        PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",
        PYTHONWARNINGS="ignore",
        TMPDIR=str(folder),
    )
    done = subprocess.run(
        [programs / "python", program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * START_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_tour(postgres_server: LiveServer, tmp_path: Path, version: str) -> None:
    run_by(version, tmp_path, TOUR, postgres_server.url)


@pytest.mark.parametrize("version", [version for version in VERSIONS if version != "1.8.0"])  # it has no download
def test_a_registry_apart(postgres_server: LiveServer, server: LiveServer, tmp_path: Path, version: str) -> None:
    run_by(version, tmp_path, TOUR.with_name("apart.py"), postgres_server.url, server.url)
