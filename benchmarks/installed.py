"""Measures what an installation costs before any request: import, commands, size."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path

import figures as f
from figures import Figures
from systems import UV, System, environment

ROUNDS = 5


# A process reads its own peak memory, because the figure that its parent could read includes the parent's memory.
PEAK = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"


def _process(*command: str) -> tuple[float, str]:
    """Run a process; returns its duration in seconds and its output."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    return time.perf_counter() - start, done.stdout


def size_mb(folder: Path) -> float:
    """The size of the files below a folder, without the bytecode that Python wrote there."""
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts and path.is_file())
    return sum(path.lstat().st_size for path in files) / 2**20


def measure(found: Figures, systems: list[System]) -> None:
    """Measure the rows of import, version and size; the systems take turns."""
    empty = [_process(system.python, "-c", "pass")[0] for system in systems for _ in range(ROUNDS)]
    for number in range(ROUNDS + 1):
        for system in systems:
            version, _ = _process(system.executable(), "--version")
            # FastTrackML's Python package contains only its program, so there is nothing to import.
            code = f"import {system.package}" if system.name != f.FASTTRACKML else ""
            seconds, _ = _process(system.python, "-c", code)
            _, memory = _process(system.python, "-c", f"{code}\n{PEAK}")
            if number == 0:  # the first round compiles the modules
                continue
            found.add(f.VERSION.name, system.name, version)
            if code:
                found.add(f.IMPORT.name, system.name, seconds - statistics.median(empty))
                found.add(f.IMPORT_MEMORY.name, system.name, int(memory) / 1024)
    for system in systems:
        found.add(f.SIZE.name, system.name, size_mb(system.folder / "lib") + size_mb(system.folder / "bin"))
        listing = [str(UV), "pip", "list", "--format", "json", "--python", system.python]
        packages = json.loads(subprocess.run(listing, check=True, capture_output=True, text=True).stdout)
        found.add(f.PACKAGES.name, system.name, len(packages))
