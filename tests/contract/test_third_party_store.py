"""A store of a third party's: a package of its own, in an environment of its own, found by its entry point."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT, await_answer, clean_environment, end, free_port

USE = """
import json, mlyard
mlyard.set_tracking_uri("memory://mine")
with mlyard.start_run() as run:
    mlyard.log_metric("rmse", 0.5)
    mlyard.log_text("kept", "notes.txt")
print(json.dumps([
    mlyard.MlflowClient().get_run(run.info.run_id).data.metrics,
    [found.info.run_id == run.info.run_id for found in mlyard.MlflowClient().search_runs(["0"])],
    open(mlyard.artifacts.download_artifacts(f"runs:/{run.info.run_id}/notes.txt")).read(),
]))
"""
OVER_HTTP = """
import sys, mlyard
mlyard.set_tracking_uri(sys.argv[1])
mlyard.log_metric("rmse", 0.25)
print(mlyard.MlflowClient().search_runs(["0"])[0].data.metrics)
"""


def uv(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name("uv")), *arguments], check=True)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with mlyard, the package that adds the store, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    package = shutil.copytree(ROOT / "examples" / "store", folder / "package")
    uv("venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", str(python), "--editable", f"{ROOT}[server]", str(package))
    return python


def run(python: Path, code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-c", code, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving(python: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    command = [str(python), "-m", "mlyard", "server", "--backend-store-uri", "memory://", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=clean_environment())
    try:
        await_answer(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def test_a_package_adds_a_store_for_clients(python: Path, tmp_path: Path) -> None:
    done = run(python, USE, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"rmse": 0.5}, [True], "kept"]
    assert not (tmp_path / "mlyard.db").exists()


def test_and_for_servers(python: Path, tmp_path: Path) -> None:
    with serving(python, tmp_path) as url:
        done = run(python, OVER_HTTP, tmp_path, url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "{'rmse': 0.25}"
    assert not (tmp_path / "mlyard.db").exists()


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("memory://", "their schemes are http://…, https://…, postgres://…, postgresql://…, sqlite://…"),
        ("http://me:secret@127.0.0.1:1", "a tracking server needs a store of its own"),
        ("mysql://me:secret@localhost/x", "The store address 'mysql://…' is not supported"),
        ("mlyard.db", "'mlyard.db' is not supported"),
    ],
)
def test_a_server_says_which_stores_there_are(tmp_path: Path, uri: str, told: str) -> None:
    """Here the package is not installed."""
    command = [sys.executable, "-m", "mlyard", "server", "--backend-store-uri", uri, "--port", str(free_port())]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


@pytest.fixture
def claiming(tmp_path: Path) -> Path:
    """A folder with a package that claims sqlite:// for itself, and whose module cannot be imported."""
    metadata = tmp_path / "others" / "mlyard_others-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mlyard-others\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[mlyard.stores]\nsqlite = lost:opened\nbroken = lost:opened\n")
    return metadata.parent


@pytest.mark.parametrize("place", ["0", "1000"])
def test_no_package_takes_a_scheme_of_mlyards_own(claiming: Path, tmp_path: Path, place: str) -> None:
    """Wherever it stands among the packages: before mlyard, or after it."""
    code = "import sys; sys.path.insert(int(sys.argv[2]), sys.argv[1]); import mlyard; mlyard.log_metric('rmse', 0.5)"
    done = run(Path(sys.executable), code, tmp_path, str(claiming), place)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mlyard.db").exists()


def test_a_store_that_cannot_be_imported_is_named(claiming: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "mlyard",
        "server",
        "--backend-store-uri",
        "broken://x",
        "--port",
        str(free_port()),
    ]
    environment = clean_environment(PYTHONPATH=str(claiming))
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "of the package 'mlyard-others'" in done.stderr
    assert "Traceback" not in done.stderr
