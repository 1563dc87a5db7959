"""The processes of a scoring server, which share the memory of one loaded model."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from mlyard.core.log import configure, logger
from mlyard.hosting.network import serve_until_signal
from mlyard.models.pyfunc import PyFuncModel, load_folder
from mlyard.scoring.app import ScoringApp
from mlyard.scoring.metrics import Metrics
from mlyard.scoring.openapi import read_example
from mlyard.scoring.requests import ScoringOptions

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_log = logger("scoring")


class Work(msgspec.Struct, frozen=True):
    """The options of a process, with the descriptors of files that it inherits.

    ``parent``: the end of a pipe that closes when the parent ends; -1 without a parent.
    """

    folder: str
    listener: int
    timeout: float = 60
    batch: bool = True
    queue: int = 1000
    metrics: int = -1
    processes: int = 1
    parent: int = -1


def run(work: Work, model: PyFuncModel | None = None) -> None:
    """Serve in this process until a signal stops it."""
    metrics = Metrics(work.processes, work.metrics)
    metrics.claim()
    options = ScoringOptions(timeout=work.timeout, batch=work.batch, queue=work.queue)
    folder = Path(work.folder)
    app = ScoringApp(model or load_folder(folder), options, metrics, read_example(folder), _watch(work.parent))
    gc.collect()
    gc.freeze()
    serve_until_signal(app, socket.socket(fileno=work.listener))


def share_processors(workers: int) -> None:
    """Limit the threads of each process to its share of the processors, so that the processes do not compete."""
    each = max(1, (os.cpu_count() or 1) // workers)
    for name in _THREAD_COUNTS:
        os.environ.setdefault(name, str(each))


@contextmanager
def shared(work: Work, workers: int) -> Iterator[Callable[[], None]]:
    """The function that each forked process runs. The model is loaded once, before the fork, to share its memory.

    Threads do not survive a fork, but the locks that they held do. If loading the model starts threads, each process
    loads the model by itself instead.
    """
    ends, keep = os.pipe()
    metrics = Metrics(workers)
    for descriptor in (work.listener, metrics.descriptor, ends):
        os.set_inheritable(descriptor, True)
    work = msgspec.structs.replace(work, metrics=metrics.descriptor, processes=workers, parent=ends)
    known = _threads_of_libraries()
    model = load_folder(Path(work.folder))

    def start() -> None:
        os.close(keep)
        run(work, model)

    def start_anew() -> None:
        command = [sys.executable, "-m", "mlyard.scoring.workers", msgspec.json.encode(work).decode()]
        os.execv(sys.executable, command)  # noqa: S606 - this program itself

    gc.collect()
    gc.freeze()
    if _threads() <= known:
        yield start
    else:
        _log.warning("Loading the model starts threads, so each process loads its own copy; no memory is shared.")
        yield start_anew


def _threads_of_libraries() -> int:
    """The number of threads after loading numpy's and scipy's libraries, whose threads are safe to fork."""
    for name in ("numpy", "scipy.linalg"):
        with suppress(ImportError):
            importlib.import_module(name)
    return _threads()


def _threads() -> int:
    """The number of threads of this process; the largest integer if the system does not tell."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names are enough
    except OSError:
        return sys.maxsize


def _watch(parent: int) -> Callable[[], None]:
    """A function that makes this process stop, as SIGTERM does, when its parent has ended."""

    def stop() -> None:
        asyncio.get_running_loop().remove_reader(parent)
        os.kill(os.getpid(), signal.SIGTERM)

    def start() -> None:
        if parent >= 0:
            asyncio.get_running_loop().add_reader(parent, stop)

    return start


if __name__ == "__main__":
    configure()
    run(msgspec.json.decode(sys.argv[1], type=Work))
