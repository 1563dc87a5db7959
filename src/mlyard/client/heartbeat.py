"""Heartbeats for the runs of this process, so that a run whose process died does not stay RUNNING forever."""

from __future__ import annotations

import threading
import time

from mlyard.core import forks, settings
from mlyard.core.errors import DoesNotExist, MlyardError
from mlyard.core.log import logger
from mlyard.ports.store import Store

_log = logger("client.heartbeat")

_runs: dict[str, Store] = {}
_thread: threading.Thread | None = None
_lock = threading.Lock()


def start(run_id: str, store: Store) -> None:
    """Send heartbeats for a run from now on.

    The first one is sent before this returns, since the process may die at any time.
    """
    global _thread
    _runs[run_id] = store
    _send(run_id, store)
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_beat, name="mlyard-heartbeat", daemon=True)
            _thread.start()


def stop(run_id: str) -> None:
    """Send no more heartbeats for a run."""
    _runs.pop(run_id, None)


def _beat() -> None:
    while True:
        time.sleep(settings.RUN_LEASE_SECONDS.get() / 3)
        for run_id, store in list(_runs.items()):
            _send(run_id, store)


def _send(run_id: str, store: Store) -> None:
    try:
        store.runs.heartbeat(run_id, settings.RUN_LEASE_SECONDS.get())
    except DoesNotExist:
        stop(run_id)  # the server does not support heartbeats, or the run does not exist
    except MlyardError as error:
        _log.debug("The heartbeat of run %s failed: %s", run_id, error)


@forks.in_child
def _forget() -> None:
    """A forked child sends no heartbeats for its parent's runs."""
    global _thread, _lock
    _lock = threading.Lock()
    _thread = None
    _runs.clear()
