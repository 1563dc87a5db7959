"""Fixtures: real servers in folders of their own, and the environments of real MLflow clients."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import urllib3

from mlyard.client import fluent_experiments, tracking
from mlyard.client.backends import unfix
from tests.leftovers import nothing_left
from tests.ports import free_port
from tests.postgres import Cluster, cluster
from tests.s3 import BUCKET, S3Server, s3_server

# One process can drive one browser, so all tests share these fixtures. The environments of the flavors have no browser.
pytest_plugins = ["tests.browser"] if find_spec("playwright") else []
# `make soak` runs the long forms of tests that repeat or last.
SOAK = bool(os.environ.get("SOAK"))
ROOT = Path(__file__).parent.parent
# A limit that only catches what hangs: even on a machine with ten busy processes per processor, all else takes less.
START_SECONDS = 120.0
T = TypeVar("T")
with suppress(ImportError):  # the environments of the flavors have no hypothesis
    from hypothesis import HealthCheck, settings

    # How long an example takes says how busy the machine is; and no example needs settings of its own.
    unchecked = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    settings.register_profile("any machine", deadline=None, suppress_health_check=unchecked)
    settings.load_profile("any machine")


# The files that take longest, longest first. They start first, so that the processes that share the files end together.
LONGEST = (
    "compat/test_models_both_ways.py",
    "tutorial/test_tutorial.py",
    "system/envs/test_project_of_2020.py",
    "system/test_demo.py",
    "system/batch/test_scoring_files.py",
    "wire/test_artifact_attacks.py",
    "system/test_gc.py",
    "system/test_outages.py",
    "compat/test_artifacts.py",
    "system/scoring/test_robustness.py",
    "compat/test_mlflow_clients.py",
    "e2e/test_late.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {ROOT / "tests" / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def _nothing_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A session that leaves processes behind fails; its temporary files go with its own folder."""
    with nothing_left(tmp_path_factory.mktemp("temporary")):
        yield


def fetch(method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
    """One request; urllib3's own function for that gives up after three seconds."""
    return urllib3.request(method, url, **{"timeout": START_SECONDS, **options})  # noqa: TID251 - with a limit


@dataclass
class LiveServer:
    """A server process of ours."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, object]]:
        """One JSON call below /api/2.0/mlflow; its status and answer."""
        content = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
        answer = fetch(
            method,
            f"{self.url}/api/2.0/mlflow/{path}",
            body=content,
            headers={"Content-Type": "application/json", **headers},
            redirect=False,
        )
        return answer.status, msgspec.json.decode(answer.data)

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        """GET of any path, as it is written: nothing normalises it."""
        pool = urllib3.HTTPConnectionPool("127.0.0.1", int(self.url.rsplit(":", 1)[1]), timeout=START_SECONDS)
        return pool.request("GET", path, headers=headers, redirect=False)

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """End the process and return its status."""
        self.process.send_signal(sent)
        return self.process.wait(timeout=START_SECONDS)


def until(found: Callable[[], T]) -> T:
    """Call ``found`` until its result is true, and return that result."""
    deadline = time.monotonic() + START_SECONDS
    while not (value := found()):
        assert time.monotonic() < deadline, f"it did not come true in {START_SECONDS:g} seconds"
        time.sleep(0.02)
    return value


def await_answer(
    process: subprocess.Popen[bytes], url: str, path: str = "/health", seconds: float = START_SECONDS
) -> None:
    """Wait until the server answers. Fails if it ends before that."""
    deadline = time.monotonic() + seconds
    pool = urllib3.PoolManager(retries=False, timeout=2)
    while time.monotonic() < deadline:
        try:
            pool.request("GET", f"{url}{path}")
        except urllib3.exceptions.HTTPError:
            with suppress(subprocess.TimeoutExpired):  # a pause, which leaves the server the processor
                process.wait(0.05)
            assert process.returncode is None, f"the server ended with status {process.returncode}"
            continue
        return
    raise AssertionError(f"no answer from {url}")


def clean_environment(**extra: str) -> dict[str, str]:
    """This environment without settings of MLflow's or ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLYARD_", "MLFLOW_", "AWS_"))}
    return {**kept, **extra}


@contextmanager
def running(arguments: list[str], folder: Path, port: int, **environment: str) -> Iterator[LiveServer]:
    """`mlyard <arguments> --port <port>` in a folder, ready to answer."""
    command = [sys.executable, "-m", "mlyard", *arguments, "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=clean_environment(**environment))
    try:
        url = f"http://127.0.0.1:{port}"
        await_answer(process, url)
        yield LiveServer(url, folder, process)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, unless it has ended already. One that SIGTERM does not end is killed, and fails the test."""
    process.terminate()
    try:
        process.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """A function that starts `mlyard server` in the test's folder, as often as it is called."""
    with ExitStack() as started:

        def start(*arguments: str, **environment: str) -> LiveServer:
            return started.enter_context(running(["server", *arguments], tmp_path, free_port(), **environment))

        yield start


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server for all tests that only add to it."""
    with running(["server"], tmp_path_factory.mktemp("server"), free_port()) as live:
        yield live


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL for all tests that only use databases of it."""
    with cluster() as running_cluster:
        yield running_cluster


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 server for all tests that only use prefixes of it."""
    with s3_server(tmp_path_factory.mktemp("s3")) as running_server:
        yield running_server


@pytest.fixture(scope="session")
def s3_backed_server(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server whose artifacts pass through it to S3, for all tests that only add to it."""
    arguments = ["server", "--artifacts-destination", f"s3://{BUCKET}/proxied"]
    with running(arguments, tmp_path_factory.mktemp("s3-backed"), free_port(), **s3.environment) as live:
        yield live


@pytest.fixture(scope="session")
def postgres_server(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server on PostgreSQL for all tests that only add to it."""
    arguments = ["server", "--backend-store-uri", postgres.new_database()]
    with running(arguments, tmp_path_factory.mktemp("postgres"), free_port()) as live:
        yield live


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine. It runs in a thread: a browser of other tests has a loop in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test, and files that a test leaves stay in its folder."""
    for name in list(os.environ):
        if name.startswith(("MLYARD_", "MLFLOW_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLYARD_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.chdir(tmp_path)
    unfix()
    # What a test chooses ends with it.
    monkeypatch.setattr(fluent_experiments, "_experiment", dict(fluent_experiments._experiment))
    monkeypatch.setattr(tracking, "_chosen", dict(tracking._chosen))


@pytest.fixture(scope="session")
def mlflow_python() -> str:
    """The interpreter of an environment with mlflow 3.17.2, which `make test` makes."""
    python = Path(os.environ.get("TEST_MLFLOW_PYTHON", ROOT / ".cache/mlflow-3.17.2/bin/python"))
    assert python.exists(), f"{python} is missing: run `make test`, which makes that environment"
    return str(python)


@dataclass
class Seeded:
    """A server with one experiment, runs of the tutorial in it, and a registered model."""

    url: str
    experiment_name: str
    run_name: str
    model_name: str


SEED = """
import mlyard
from sklearn.linear_model import LinearRegression
mlyard.set_experiment("walk")
for number in range(3):
    with mlyard.start_run(run_name=f"walk-{number}"):
        mlyard.log_params({"alpha": 0.5 + number, "l1_ratio": 0.25})
        mlyard.log_metric("rmse", 54.2 + number)
        for step in range(20):
            mlyard.log_metric("loss", 1 / (1 + step), step=step)
        mlyard.log_text("hello from the walk", "notes/hello.txt")
        model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        mlyard.sklearn.log_model(model, artifact_path="model", pip_requirements=["scikit-learn"])
mlyard.register_model(f"runs:/{mlyard.last_active_run().info.run_id}/model", "WalkModel")
"""


@pytest.fixture(scope="session")
def seeded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A server of its own for the browser, filled by our client."""
    folder = tmp_path_factory.mktemp("seeded")
    with running(["server"], folder, free_port()) as live:
        environment = clean_environment(MLYARD_TRACKING_URI=live.url)
        subprocess.run([sys.executable, "-c", SEED], cwd=folder, env=environment, check=True)
        yield Seeded(live.url, "walk", "walk-0", "WalkModel")
