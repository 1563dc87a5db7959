"""Starting and stopping a scoring server."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mlyard.artifacts.factory import local_folder
from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.core.log import logger
from mlyard.hosting.network import listen
from mlyard.hosting.supervisor import supervise
from mlyard.scoring import workers as processes
from mlyard.scoring.fetching import fetch_elsewhere

_log = logger("scoring")


def serve(
    model_uri: str,
    host: str = "127.0.0.1",
    port: int = 5000,
    timeout: float = 60,
    workers: int = 1,
    batch: bool = True,
    queue: int = 1000,
    known_as: str = "",
) -> int:
    """Serve a model until SIGTERM or SIGINT, which finish what is in flight; the exit status.

    ``known_as``: the URI that the user gave, where ``model_uri`` is a copy of it.
    ``timeout``: seconds that one request may take. ``batch``: whether requests that wait for the model go into
    it together. ``queue``: requests that one process lets in before it refuses more.
    Raises InvalidParameter when the port is taken, DoesNotExist when there is no such model.
    """
    need("uvicorn", "server")
    need("pandas", "models")
    if workers < 1:
        raise InvalidParameter(f"--workers is {workers}: a server is at least one process.")
    listener = listen(host, port)
    with TemporaryDirectory(prefix="mlyard-") as temporary:
        folder = model_folder(model_uri, Path(temporary))
        _log.info("Serving %s on http://%s:%d", known_as or model_uri, host, listener.getsockname()[1])
        work = processes.Work(str(folder), listener.detach(), timeout, batch, queue)
        if workers == 1:
            processes.run(work)
            return 0
        processes.share_processors(workers)
        with processes.shared(work, workers) as start:
            return supervise(workers, start, partial(os.close, work.listener))


def model_folder(model_uri: str, temporary: Path) -> Path:
    """The model's files; a folder on this machine is taken as it is, with no store opened for it."""
    folder = local_folder(model_uri)
    if folder is not None and (folder / "MLmodel").is_file():
        return folder
    return fetch_elsewhere(model_uri, temporary)
