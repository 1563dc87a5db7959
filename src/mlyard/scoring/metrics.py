"""Metrics of the scoring server, summed over its processes, in Prometheus' text format.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterable

STATUSES = (200, 400, 404, 405, 408, 413, 415, 500, 503, 504)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 16384)
_LATENCY = len(STATUSES)
_BATCH = _LATENCY + len(SECONDS) + 2
_IN_FLIGHT = _BATCH + len(ROWS) + 2
_QUEUE = _IN_FLIGHT + 1
_WIDTH = _QUEUE + 1
_CELL = 8


class Metrics:
    """Counters in memory that the processes share. Each process has its own row, and writes only there.

    Must be created before the processes. A process that replaces another continues with its counters.
    """

    def __init__(self, processes: int, descriptor: int = -1) -> None:
        # The file stays open as long as the process: a lock on it marks the row as taken.
        self._file = tempfile.TemporaryFile() if descriptor < 0 else os.fdopen(descriptor, "r+b", closefd=False)  # noqa: SIM115 - see above
        self._file.truncate(processes * _WIDTH * _CELL)
        self.descriptor = self._file.fileno()
        self._processes = processes
        self._memory = memoryview(mmap.mmap(self.descriptor, 0)).cast("d")
        self._mine = self._memory[:_WIDTH]

    def claim(self) -> None:
        """Take a free row for this process. Call it once in each process, whose end releases the row's lock."""
        for row in range(self._processes):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, row)
            except OSError:
                continue
            self._mine = self._memory[row * _WIDTH : (row + 1) * _WIDTH]
            self._mine[_IN_FLIGHT] = self._mine[_QUEUE] = 0
            return

    def began(self) -> None:
        """Count a request for predictions."""
        self._mine[_IN_FLIGHT] += 1

    def ended(self, status: int, seconds: float) -> None:
        """Count the answer to a request, with its status and how long it took."""
        mine = self._mine
        mine[_IN_FLIGHT] -= 1
        mine[STATUSES.index(status) if status in STATUSES else STATUSES.index(500)] += 1
        _observe(mine, _LATENCY, SECONDS, seconds)

    def batch(self, rows: int) -> None:
        """Count a call of the model with a number of rows."""
        _observe(self._mine, _BATCH, ROWS, rows)

    def queue(self, requests: int) -> None:
        """Set the number of requests that wait for the model."""
        self._mine[_QUEUE] = requests

    def text(self) -> str:
        """The metrics, summed over all processes."""
        cells = [sum(self._memory[place::_WIDTH]) for place in range(_WIDTH)]
        lines = ["# HELP mlyard_requests_total Requests for predictions, by HTTP status."]
        lines.append("# TYPE mlyard_requests_total counter")
        lines += [f'mlyard_requests_total{{status="{s}"}} {int(cells[i])}' for i, s in enumerate(STATUSES)]
        lines += _histogram("mlyard_request_seconds", "Seconds from request to answer.", SECONDS, cells[_LATENCY:])
        lines += _histogram("mlyard_batch_rows", "Rows passed to the model in one call.", ROWS, cells[_BATCH:])
        lines += _gauge("mlyard_requests_in_flight", "Requests not yet answered.", cells[_IN_FLIGHT])
        lines += _gauge("mlyard_requests_waiting", "Requests that wait for the model.", cells[_QUEUE])
        return "\n".join(lines) + "\n"


def _observe(cells: memoryview[float], start: int, bounds: tuple[float, ...], value: float) -> None:
    cells[start + bisect_left(bounds, value)] += 1
    cells[start + len(bounds) + 1] += value


def _histogram(name: str, meaning: str, bounds: tuple[float, ...], cells: list[float]) -> Iterable[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} histogram"
    count = 0
    for bound, cell in zip([*map(str, bounds), "+Inf"], cells, strict=False):
        count += int(cell)
        yield f'{name}_bucket{{le="{bound}"}} {count}'
    yield f"{name}_sum {cells[len(bounds) + 1]:.9g}"
    yield f"{name}_count {count}"


def _gauge(name: str, meaning: str, value: float) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {int(value)}"]
