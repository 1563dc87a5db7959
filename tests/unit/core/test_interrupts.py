"""Signals are held back, and then have their effect."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from mlyard.core.interrupts import uninterrupted

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
HOLD = """
import signal, sys
from mlyard.core.interrupts import uninterrupted

with uninterrupted():
    signal.raise_signal(int(sys.argv[1]))
    print("goes on", flush=True)
print("too far", flush=True)
"""


@pytest.mark.parametrize("sent", SIGNALS)
def test_a_signal_has_its_effect_after_the_block(sent: signal.Signals) -> None:
    done = subprocess.run([sys.executable, "-c", HOLD, str(int(sent))], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("goes on\n", -sent)


@pytest.mark.parametrize("sent", SIGNALS)
def test_handlers_are_called_after_the_block_and_stay(sent: signal.Signals) -> None:
    came: list[int] = []
    before = signal.signal(sent, lambda number, _: came.append(number))
    try:
        with uninterrupted():
            signal.raise_signal(sent)
            assert came == []
        assert came == [sent]
        signal.raise_signal(sent)
        assert came == [sent, sent]
    finally:
        signal.signal(sent, before)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with uninterrupted():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_change_nothing() -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    def look() -> None:
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
