"""The runs that are active in each thread, and how they end."""

from __future__ import annotations

import atexit
import sys
import threading
from types import TracebackType
from typing import Any

from mlyard.client import heartbeat
from mlyard.client.client import MlyardClient
from mlyard.domain.runs import FAILED, FINISHED, KILLED, Run

__all__ = ["ActiveRun"]


class ActiveRun(Run, frozen=True, kw_only=True):
    """A run for a ``with`` block, as ``start_run`` returns it.

    The end of the block ends the run: FINISHED normally, FAILED after an exception, KILLED after Ctrl-C.

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
        if kind is None:
            end(FINISHED)
        else:
            end(KILLED if issubclass(kind, KeyboardInterrupt) else FAILED)


class _Stack(threading.local):
    def __init__(self) -> None:
        self.runs: list[tuple[ActiveRun, MlyardClient]] = []
        self.last: str | None = None


_stack = _Stack()
# Runs of every thread, to be ended when the interpreter exits: thread-locals are gone by then.
_open: dict[str, MlyardClient] = {}
_crashed = False


def push(run: Run, client: MlyardClient) -> ActiveRun:
    """Make a run the active run of this thread, and start its heartbeats."""
    active = ActiveRun(**dict(run))
    _stack.runs.append((active, client))
    _open[run.info.run_id] = client
    heartbeat.start(run.info.run_id, client.store)
    return active


def current() -> ActiveRun | None:
    """The innermost active run of this thread."""
    return _stack.runs[-1][0] if _stack.runs else None


def current_client() -> MlyardClient:
    """The client that the innermost active run was started with."""
    return _stack.runs[-1][1]


def last_run_id() -> str | None:
    """The id of this thread's active run, else of the run that ended last."""
    active = current()
    return active.info.run_id if active else _stack.last


def end(status: str) -> None:
    """End the innermost active run of this thread; without an active run, do nothing."""
    if not _stack.runs:
        return
    run, client = _stack.runs.pop()
    _stack.last = run.info.run_id
    _open.pop(run.info.run_id, None)
    heartbeat.stop(run.info.run_id)
    client.set_terminated(run.info.run_id, status)
    _print_address(run, client)


def _print_address(run: ActiveRun, client: MlyardClient) -> None:
    if client.tracking_uri.startswith("http"):
        address = f"{client.tracking_uri.rstrip('/')}/#/experiments/{run.info.experiment_id}"
        print(f"View run {run.info.run_name} at: {address}/runs/{run.info.run_id}", file=sys.stderr)


def _note_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
    global _crashed
    _crashed = True
    return _previous_hook(kind, error, trace)


_previous_hook, sys.excepthook = sys.excepthook, _note_crash


@atexit.register
def _end_all() -> None:
    while _open:
        run_id, client = _open.popitem()
        heartbeat.stop(run_id)
        client.set_terminated(run_id, FAILED if _crashed else FINISHED)
