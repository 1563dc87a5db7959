"""Describes the machine of a result."""

from __future__ import annotations

import datetime
import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def describe() -> dict[str, Any]:
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "cpu": cpu[0].split(":")[1].strip() if cpu else platform.machine(),
        "memory_gb": round(int(memory) / 2**20, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        # The load of other processes. If it is more than a little, the figures are too low.
        "load_at_start": round(os.getloadavg()[0], 2),
    }


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refuse to run while another benchmark of this checkout runs: both would measure wrong figures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "bench.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("Another benchmark is running: try again when it has ended.") from None
        yield
