"""Programs for the tests of forks: each runs in a process group of its own, which is killed if it hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import START_SECONDS, clean_environment

START = """
import asyncio, json, multiprocessing, os, sys, threading, time
import mlyard
from mlyard import MlyardClient

def answer(value):
    print(json.dumps(value), flush=True)

def forked(work):
    '''Run work in a forked child, which ends as programs do; returns the id of the child.'''
    child = os.fork()
    if child == 0:
        work()
        sys.exit(0)
    return child

def ended(*children):
    '''Wait for children, and return whether all of them succeeded.'''
    return all(os.waitpid(child, 0)[1] == 0 for child in children)

def points(run_id, key="x"):
    '''The values of a metric, sorted.'''
    return sorted(point.value for point in MlyardClient().get_metric_history(run_id, key))

def status(run_id):
    return mlyard.get_run(run_id).info.status
"""


def answer_of(program: str, uri: str, folder: Path, **environment: str) -> Any:
    """What a program answers, which begins with START and has the tracking URI ``uri``."""
    file = folder / "program.py"
    file.write_text(f"{START}\n{program}", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(file)],
        cwd=folder,
        env=clean_environment(MLYARD_TRACKING_URI=uri, MLYARD_LOGGING_LEVEL="ERROR", **environment),
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=START_SECONDS)  # until all that share the output have ended
    finally:
        _kill_group(process.pid)
    assert process.returncode == 0
    return json.loads(output)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
