"""Starts and stops a scoring server."""

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
    """Serve a model until SIGTERM or SIGINT, then finish the requests in flight; returns the exit status.

    ``timeout``, ``batch`` and ``queue``: see ``ScoringOptions``. ``known_as``: the URI that the user gave, if
    ``model_uri`` is a copy of that model.

    Raises InvalidParameter when the port is in use, and DoesNotExist when there is no such model.
    """
    need("uvicorn", "server")
    need("pandas", "models")
    if workers < 1:
        raise InvalidParameter(f"--workers is {workers}: it must be at least 1.")
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
    """The model's folder. A folder on this machine is used as it is, without opening a store."""
    folder = local_folder(model_uri)
    if folder is not None and (folder / "MLmodel").is_file():
        return folder
    return fetch_elsewhere(model_uri, temporary)
