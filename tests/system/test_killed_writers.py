"""Writers of one run in several processes are killed at any moment, in the middle of folds too, beside readers.

What was acknowledged is there, once, in order, and the figures are those of the whole history.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mlyard.domain.metrics import Figures
from mlyard.domain.runs import NewRun
from mlyard.ports.store import Store
from mlyard.stores.sql.store import open_sql_store
from tests.conftest import SOAK, START_SECONDS, clean_environment

KILLS = 40 if SOAK else 3
WRITERS = 2
BETWEEN_KILLS = 60  # batches that are acknowledged
KEYS = ("a", "b", "c")

# Threads log batches in order and late ones, and print each batch when it has been acknowledged. The chunks are small,
# so that nearly every transaction folds, merges or splits some.
WRITER = """
import json, random, sys, threading
from mlyard.domain.metrics import Metric
from mlyard.domain.runs import RunBatch
from mlyard.stores.sql.history import chunks, late, summaries, tails
from mlyard.stores.sql.store import open_sql_store

chunks.FULL, chunks._SIZES, summaries.BLOCK = 32, (4, 16, 32), 8
chunks._PAIRS_AT_ONCE, chunks._MOST_MERGED, late._AT_ONCE = 2, 100, 3
tails.MOST_ROWS, tails.MOST_POINTS, tails.PER_KEY = 5, 60, 8

uri, run_id, number, *keys = sys.argv[1:]
store = open_sql_store(uri, "")
printing = threading.Lock()

def points(chance, start):
    count = chance.choice([1, 1, 3, 30])
    if chance.random() < 0.6:
        return [(start + n, start + n, chance.choice([0.5, 1.0, -2.0])) for n in range(count)]
    return [(chance.randrange(start + 1), chance.randrange(3), float(chance.randrange(3))) for _ in range(count)]

def write(thread):
    chance, start = random.Random(f"{number} {thread}"), 1000 * int(number)
    while True:
        some = {key: points(chance, start) for key in chance.sample(keys, chance.randint(1, len(keys)))}
        start += 30
        if chance.random() < 0.03:
            store.runs.update(run_id, status=chance.choice(["FINISHED", "RUNNING"]))
        metrics = [Metric(key, value, time, step) for key, found in some.items() for step, time, value in found]
        store.runs.log_batch(run_id, RunBatch(metrics=tuple(metrics)))
        with printing:
            print(json.dumps(some), flush=True)

for thread in range(4):
    threading.Thread(target=write, args=(thread,)).start()
"""

Points = list[tuple[int, int, float]]


class Writer:
    """A process that writes, and what was acknowledged to it."""

    def __init__(self, uri: str, run_id: str, number: int) -> None:
        command = [sys.executable, "-c", WRITER, uri, run_id, str(number), *KEYS]
        self._process = subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, text=True)
        self.acknowledged: list[dict[str, Any]] = []
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.endswith("\n"):  # else it was killed while it was printing
                self.acknowledged.append(json.loads(line))

    def kill(self) -> None:
        """Returns when all that was acknowledged is known."""
        assert self._process.poll() is None, "it has failed"
        self._process.kill()
        self._process.wait(START_SECONDS)
        self._listening.join(START_SECONDS)
        assert self._process.stdout
        self._process.stdout.close()


@contextmanager
def opened(uri: str) -> Iterator[Store]:
    store = open_sql_store(uri, "")
    try:
        yield store
    finally:
        store.close()


def whole(store: Store, run_id: str, key: str) -> Points:
    return [
        (m.step, m.timestamp, m.value) for series in store.metrics.series([run_id], [key]) for m in series.metrics()
    ]


def check(store: Store, run_id: str, writers: list[Writer]) -> None:
    """Each point that was acknowledged before is there, and none is there twice or in the wrong place."""
    wanted: defaultdict[str, set[tuple[int, int, float]]] = defaultdict(set)
    for writer in writers:
        for batch in list(writer.acknowledged):
            for key, points in batch.items():
                wanted[key].update(map(tuple, points))
    for key in KEYS:
        found = whole(store, run_id, key)
        assert found == sorted(set(found)), key
        assert not wanted[key] - set(found), key


def check_figures(store: Store, run_id: str) -> None:
    """For a run that nobody writes to."""
    known: dict[str, Figures] = {figures.key: figures for figures in store.metrics.figures([run_id])}
    for key in KEYS:
        found, figures = whole(store, run_id, key), known[key]
        values = [value for _, _, value in found]
        assert (figures.count, figures.min, figures.max) == (len(found), min(values), max(values))
        assert (figures.first, figures.step, figures.timestamp, figures.last) == (values[0], *found[-1])
        assert figures.mean == pytest.approx(sum(values) / len(values))
        by_time = [(m.timestamp, m.step, m.value) for m in store.metrics.history(run_id, key)]
        assert by_time == sorted((time, step, value) for step, time, value in found)


def test_what_killed_writers_were_told_is_there_once(database: str) -> None:
    with opened(database) as store:
        run_id = store.runs.create(NewRun(experiment_id="0")).info.run_id
        writers = [Writer(database, run_id, number) for number in range(WRITERS)]
        try:
            for number in range(WRITERS, WRITERS + KILLS):
                oldest = writers[-WRITERS]
                deadline = time.monotonic() + START_SECONDS
                while len(oldest.acknowledged) < BETWEEN_KILLS:
                    assert time.monotonic() < deadline, "nothing is acknowledged"
                    check(store, run_id, writers)
                oldest.kill()
                writers.append(Writer(database, run_id, number))
        finally:
            for writer in writers[-WRITERS:]:
                writer.kill()
        check(store, run_id, writers)
        check_figures(store, run_id)
