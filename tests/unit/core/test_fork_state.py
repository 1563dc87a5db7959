"""What core/forks.py promises, apart from what uses it (see tests/system/test_forks.py)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import START_SECONDS


def output_of(program: str) -> str:
    """What a program prints that may fork: this process has threads."""
    command = [sys.executable, "-c", f"import os, sys, threading\nfrom mlyard.core import forks\n{program}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=START_SECONDS).stdout


@pytest.mark.parametrize(("work", "status"), [("lambda: 3", 3), ("lambda: [][0]", 1), ("lambda: sys.exit(0)", 1)])
def test_a_started_child_never_goes_on_with_its_parents_code(work: str, status: int) -> None:
    program = f"child = forks.start({work})\nprint(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)"
    assert output_of(program) == f"{status}\n"


def test_each_process_makes_its_own_values() -> None:
    program = """
own = forks.Own(lambda: [os.getpid()])

@forks.cached(maxsize=2)
def cached(number):
    return number, os.getpid()

def check():
    assert own.existing() is None
    assert own.get() == [os.getpid()] and own.get() is own.get() is own.existing()
    assert cached(1) == (1, os.getpid()) and cached(1) is cached(1)
    return 0

check()
print(os.waitpid(forks.start(check), 0)[1], own.get() == [os.getpid()])
"""
    assert output_of(program) == "0 True\n"


def test_a_fork_waits_for_what_must_not_be_disturbed() -> None:
    program = """
begun = threading.Event()
events = []

def work():
    with forks.undisturbed:
        begun.set()
        while not forks.undisturbed._forking:
            pass
        with forks.undisturbed:  # nested, while another thread waits to fork
            events.append("work")

def child():
    with forks.undisturbed:
        return 0

own = forks.Own(lambda: "value", before_fork=lambda value: events.append(value))
own.get()
thread = threading.Thread(target=work)
thread.start()
begun.wait()
print(os.waitpid(forks.start(child), 0)[1], *events)
thread.join()
"""
    assert output_of(program) == "0 work value\n"
