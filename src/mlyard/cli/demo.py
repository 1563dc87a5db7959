"""``mlyard demo``: runs through the whole lifecycle, with SQLite and a local folder."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import urllib3

from mlyard.core.errors import MlyardError
from mlyard.hosting.network import is_free

_EXPERIMENT = "demo"
_MODEL = "ElasticnetWineModel"
_VALUES = ("0.25", "0.5", "0.75")
_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 300.0
"""How long to wait for a server. On a busy machine, it can take a minute to start."""

_POLL_SECONDS = 0.05
_AT_ONCE = 2
"""Models trained at the same time: one for each core of a small machine."""


@click.command("demo")
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("examples/tutorial"),
    show_default=True,
    help="Folder of the tutorial project.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder for the database and the artifacts.",
)
@click.option("-p", "--port", default=5000, show_default=True, help="Port of the tracking server.")
@click.option("--serve-port", default=1234, show_default=True, help="Port of the model server.")
@click.option("--once", is_flag=True, help="Exit after the prediction instead of waiting for Ctrl-C.")
def command(project: Path, folder: Path, port: int, serve_port: int, once: bool) -> None:
    """Train nine models, register the best, serve it and request a prediction."""
    # SIGTERM must stop the servers too, as Ctrl-C does. A shell may have set SIGINT to be ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    project = project.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    port, serve_port = _free_port(port, "tracking server"), _free_port(serve_port, "model server")
    url, serve_url = f"http://{_HOST}:{port}", f"http://{_HOST}:{serve_port}"
    os.environ["MLYARD_TRACKING_URI"] = url
    with _server(["server", "--port", str(port)], folder, url):
        _say(f"The tracking server is at {url}, its data in {folder}/")
        _train(project)
        _promote()
        serving = ["models", "serve", "-m", f"models:/{_MODEL}/Production", "-p", str(serve_port)]
        with _server(serving, folder, serve_url):
            _predict(serve_url)
            _say(f"The web UI:  {url}")
            if not once:
                _wait()


def _free_port(preferred: int, what: str) -> int:
    for port in range(preferred, preferred + 100):
        if is_free(_HOST, port):
            if port != preferred:
                _say(f"Port {preferred} is in use; the {what} uses {port} instead.")
            return port
    raise MlyardError(f"No free port for the {what} from {preferred} to {preferred + 99}.")


@contextmanager
def _server(arguments: list[str], folder: Path, url: str) -> Iterator[None]:
    """Run ``mlyard <arguments>`` as a child process; enters when it is ready, and stops it at the end."""
    process = subprocess.Popen([sys.executable, "-m", "mlyard", *arguments], cwd=folder)
    try:
        _await(process, url, " ".join(arguments[:2]))
        yield
    finally:
        process.terminate()
        process.wait()


def _await(process: subprocess.Popen[bytes], url: str, what: str) -> None:
    """Wait until the server answers. Raises MlyardError if it exits or does not answer in time."""
    pool = urllib3.PoolManager(retries=False, timeout=1)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            pool.request("GET", f"{url}/health")
        except urllib3.exceptions.HTTPError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    ended = f"exited with status {process.returncode}; its message is above"
    late = f"did not answer within {_PATIENCE_SECONDS:.0f} seconds"
    raise MlyardError(f"`mlyard {what}` {late if process.poll() is None else ended}.")


def _train(project: Path) -> None:
    import mlyard

    experiment = mlyard.set_experiment(_EXPERIMENT).experiment_id
    done = mlyard.MlyardClient().search_runs([experiment], "status = 'FINISHED'")
    finished = {(run.data.params.get("alpha"), run.data.params.get("l1_ratio")) for run in done}
    missing = [pair for pair in itertools.product(_VALUES, _VALUES) if pair not in finished]
    if not missing:
        _say(f"Using the {len(finished)} models that an earlier demo trained.")
        return
    label = f"Training {len(missing)} models"
    with ThreadPoolExecutor(_AT_ONCE) as pool, click.progressbar(length=len(missing), label=label) as bar:
        for _ in pool.map(lambda pair: _run_project(project, *pair), missing):
            bar.update(1)


def _run_project(project: Path, alpha: str, l1_ratio: str) -> None:
    """Run one `mlyard run` in its own process; its output is shown only if it fails."""
    arguments = ["run", str(project), "-P", f"alpha={alpha}", "-P", f"l1_ratio={l1_ratio}", "--env-manager", "local"]
    command = [sys.executable, "-m", "mlyard", *arguments, "--experiment-name", _EXPERIMENT]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise MlyardError(f"The training with alpha={alpha}, l1_ratio={l1_ratio} failed:\n{done.stderr.strip()}")


def _promote() -> None:
    import mlyard

    client = mlyard.MlyardClient()
    experiment = mlyard.set_experiment(_EXPERIMENT).experiment_id
    best = client.search_runs([experiment], max_results=1, order_by=["metrics.rmse ASC"])[0]
    registered = client.search_model_versions(f"run_id = '{best.info.run_id}'")
    version = registered[0] if registered else mlyard.register_model(f"runs:/{best.info.run_id}/model", _MODEL)
    client.transition_model_version_stage(_MODEL, version.version, "Production", archive_existing_versions=True)
    params, rmse = best.data.params, best.data.metrics["rmse"]
    _say(
        f"The best model has alpha={params['alpha']}, l1_ratio={params['l1_ratio']} (RMSE {rmse:.3f}): "
        f"{_MODEL} version {version.version} is in Production."
    )


def _predict(url: str) -> None:
    row: dict[str, Any] = {
        "dataframe_split": {
            "columns": [
                "alcohol", "chlorides", "citric acid", "density", "fixed acidity", "free sulfur dioxide", "pH",
                "residual sugar", "sulphates", "total sulfur dioxide", "volatile acidity",
            ],
            "data": [[12.8, 0.029, 0.48, 0.98, 6.2, 29, 3.33, 1.2, 0.39, 75, 0.66]],
        }
    }  # fmt: skip
    answer = urllib3.request("POST", f"{url}/invocations", json=row, timeout=_PATIENCE_SECONDS)
    if answer.status != 200:
        raise MlyardError(f"The model server answered {answer.status}: {answer.data.decode()}")
    _say(f"The model is served at {url}/invocations")
    _say(f"Predicted quality of one wine:  {json.loads(answer.data)['predictions'][0]:.3f}")


def _wait() -> None:
    with suppress(KeyboardInterrupt):
        _say("Press Ctrl-C to stop both servers; the data is kept.")
        signal.pause()


def _say(text: str) -> None:
    click.echo(text)
