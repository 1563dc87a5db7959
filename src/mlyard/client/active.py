"""The runs that are active in each thread and asyncio task, and how they end."""

from __future__ import annotations

import atexit
import sys
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from mlyard.client import endings, heartbeat
from mlyard.client.client import MlyardClient
from mlyard.core import forks
from mlyard.core.log import logger
from mlyard.domain.runs import Run
from mlyard.transport.addresses import split_credentials

__all__ = ["ActiveRun"]

_log = logger("client.active")


class ActiveRun(Run, frozen=True, kw_only=True):
    """A run for a ``with`` block, as ``start_run`` returns it.

    The end of the block ends the run, if it has not ended yet: FINISHED normally and after ``sys.exit(0)``,
    FAILED after an exception, KILLED after Ctrl-C.

    Args:
        info: Id, name, experiment, status, times (ms since 1970) and artifact URI of the run.
        data: Params, tags and the latest value of each metric, as they were when the run was started.
        inputs: Datasets and logged models that the run used.
        outputs: Logged models that the run produced.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     run.info.status
        'RUNNING'
        >>> mlyard.get_run(run.info.run_id).info.status
        'FINISHED'
    """

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for active in (*_open, *_visible()):
            if active.run.info.run_id == self.info.run_id and not active.ended:
                _end(active, endings.status_after(error))


@dataclass(eq=False)
class _Active:
    """An active run, and what started it: whether the main thread, and the asyncio task if it was one."""

    run: ActiveRun
    client: MlyardClient
    in_main: bool
    task: Any
    ended: bool = False


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.runs: list[_Active] = []
        self.last: str | None = None


# A task sees what it has started itself, what the code that created it had started, and what its thread has started
# outside of tasks, or in tasks that are done: a notebook runs each cell as a task.
_of_context: ContextVar[tuple[_Active, ...]] = ContextVar("mlyard_active_runs", default=())
_of_thread = _OfThread()
# The runs that this process has started and not ended, in all threads. At exit, thread-locals are already gone.
_open: dict[_Active, None] = {}


@forks.in_child
def _inherit() -> None:
    """A forked child logs to the active runs of its parent, but does not end them.

    Pools replace their processes from a thread that has no run; then the runs of the main thread count.
    """
    if not _visible():
        _of_context.set(tuple(active for active in _open if active.in_main))
    _open.clear()


def push(run: Run, client: MlyardClient) -> ActiveRun:
    """Make a run the active run of this thread or task, and start its heartbeats."""
    in_main = threading.current_thread() is threading.main_thread()
    active = _Active(ActiveRun(**dict(run)), client, in_main, _current_task())
    _of_context.set((*_visible(), active))
    _of_thread.runs.append(active)
    _open[active] = None
    _worker_end.get()
    endings.watch(_end_all, _end_of_thread)
    heartbeat.start(run.info.run_id, client.store)
    return active.run


def current() -> ActiveRun | None:
    """The innermost active run of this thread or task; in a forked child, perhaps one of its parent."""
    found = _visible()
    return found[-1].run if found else None


def is_own(run: ActiveRun) -> bool:
    """Whether this process ends the run; False for a run of the parent of a forked child."""
    return any(active.run is run for active in list(_open))


def current_client() -> MlyardClient:
    """The client that the innermost active run was started with."""
    return _visible()[-1].client


def last_run_id() -> str | None:
    """The id of the active run, else of the run that ended last in this thread."""
    active = current()
    return active.info.run_id if active else _of_thread.last


def end(status: str) -> None:
    """End the innermost active run of this thread or task; without an active run, do nothing."""
    found = _visible()
    if found:
        _end(found[-1], status)


def _visible() -> list[_Active]:
    """The active runs, from the outermost to the innermost."""
    own = [active for active in _of_context.get() if not active.ended]
    return own or [active for active in _of_thread.runs if not active.ended and _is_left(active)]


def _is_left(active: _Active) -> bool:
    return active.task is None or active.task.done()


def _current_task() -> Any:
    asyncio = sys.modules.get("asyncio")  # without it, there are no tasks
    try:
        return asyncio.current_task() if asyncio else None
    except RuntimeError:  # no loop is running
        return None


def _end(active: _Active, status: str) -> None:
    active.ended = True
    _of_thread.runs = [each for each in _of_thread.runs if not each.ended]
    _of_thread.last = active.run.info.run_id
    if active in _open:
        _open.pop(active)
        heartbeat.stop(active.run.info.run_id)
        active.client.set_terminated(active.run.info.run_id, status)
        _print_address(active.run, active.client)


def _print_address(run: ActiveRun, client: MlyardClient) -> None:
    if client.tracking_uri.startswith("http"):
        server, _ = split_credentials(client.tracking_uri)
        address = f"{server.rstrip('/')}/#/experiments/{run.info.experiment_id}"
        print(f"View run {run.info.run_name} at: {address}/runs/{run.info.run_id}", file=sys.stderr)


def _end_with_worker() -> None:
    """Workers of multiprocessing end without the functions of ``atexit``."""
    util = sys.modules.get("multiprocessing.util")
    if util and sys.modules["multiprocessing"].parent_process() is not None:
        util.Finalize(None, _end_all, exitpriority=0)


_worker_end = forks.Own(_end_with_worker)


def _end_of_thread(status: str) -> None:
    for active in reversed(_of_thread.runs):
        _end_surely(active, status)


@atexit.register
def _end_all(status: str | None = None) -> None:
    status = status or endings.status_at_exit()
    while _open:
        _end_surely(next(reversed(_open)), status)


def _end_surely(active: _Active, status: str) -> None:
    try:
        _end(active, status)
    except Exception as error:  # noqa: BLE001 - the other runs must end too
        _log.warning("The run %s could not be ended: %s", active.run.info.run_id, error)
