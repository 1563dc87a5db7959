"""Starting and stopping a scoring server."""

from __future__ import annotations

import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mlyard.artifacts.factory import local_folder
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.core.network import listen
from mlyard.core.processes import supervise
from mlyard.envs.environment import LOCAL, run_in
from mlyard.serving import workers as processes
from mlyard.serving.environments import environment_of
from mlyard.serving.fetching import fetch_elsewhere

_log = logger("serving")


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What is served, and how.

    ``timeout``: seconds that one request may take. ``batch``: whether requests that wait for the model go into
    it together. ``queue``: requests that one process lets in before it refuses more. ``env_manager`` and
    ``install_mlflow``: see ``environments.environment_of``.
    """

    model_uri: str
    host: str = "127.0.0.1"
    port: int = 5000
    timeout: float = 60
    workers: int = 1
    batch: bool = True
    queue: int = 1000
    env_manager: str | None = LOCAL
    install_mlflow: bool = False


def serve(service: Service) -> int:
    """Serve a model until SIGTERM or SIGINT, which finish what is in flight; the exit status.

    Where the model needs an environment of its own, this process goes on as the server in there. Raises
    InvalidParameter when the port is taken, DoesNotExist when there is no such model.
    """
    need("uvicorn", "server")
    need("pandas", "models")
    if service.workers < 1:
        raise InvalidParameter(f"--workers is {service.workers}: a server is at least one process.")
    listener = listen(service.host, service.port)
    with TemporaryDirectory(prefix="mlyard-") as temporary:
        folder = _folder(service.model_uri, Path(temporary))
        environment = environment_of(folder, service.env_manager, with_mlflow=service.install_mlflow)
        if environment is None:
            return _serve(service, folder, listener)
    listener.close()
    return run_in(environment, _arguments(service))


def _serve(service: Service, folder: Path, listener: socket.socket) -> int:
    _log.info("Serving %s on http://%s:%d", service.model_uri, service.host, listener.getsockname()[1])
    work = processes.Work(str(folder), listener.detach(), service.timeout, service.batch, service.queue)
    if service.workers == 1:
        processes.run(work)
        return 0
    processes.share_processors(service.workers)
    with processes.shared(work, service.workers) as start:
        return supervise(service.workers, start)


def _arguments(service: Service) -> list[str]:
    """The command line of the same server, in the environment that runs."""
    options = {
        "--model-uri": service.model_uri,
        "--host": service.host,
        "--port": service.port,
        "--timeout": service.timeout,
        "--workers": service.workers,
        "--queue": service.queue,
        "--env-manager": LOCAL,
    }
    given = (part for name, value in options.items() for part in (name, str(value)))
    return ["models", "serve", *given, "--batch" if service.batch else "--no-batch"]


def _folder(model_uri: str, temporary: Path) -> Path:
    """The model's files; a folder on this machine is taken as it is, with no store opened for it."""
    folder = local_folder(model_uri)
    if folder is not None and (folder / "MLmodel").is_file():
        return folder
    return fetch_elsewhere(model_uri, temporary)
