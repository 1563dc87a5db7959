"""The rows of the comparison: the required and the measured figures."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

OURS = "mlyard"
LABELS = {"mlyard": "mlyard", "mlflow": "MLflow", "fasttrackml": "FastTrackML"}


@dataclass(frozen=True)
class Need:
    """A bound on mlyard's figure: absolute, or a multiple of the figure of the system ``beside``."""

    bound: float
    beside: str = ""

    def text(self, row: Row) -> str:
        sign = ">=" if row.more else "<="
        if self.beside:
            return f"{sign} {self.bound:g}x {LABELS[self.beside]}"
        return f"{sign} {self.bound:g} {row.unit}"

    def reached(self, row: Row, figures: Figures) -> float | None:
        """mlyard's figure, or its multiple of the other system's figure; None if a figure is missing."""
        own = figures.median(row.name, OURS)
        if not self.beside or own is None:
            return own
        other = figures.median(row.name, self.beside)
        return own / other if other else None

    def held(self, row: Row, figures: Figures) -> bool | None:
        value = self.reached(row, figures)
        if value is None:
            return None
        return value >= self.bound if row.more else value <= self.bound


@dataclass(frozen=True)
class Row:
    name: str
    unit: str
    needs: tuple[Need, ...] = ()
    more: bool = False  # more is better
    no_error: bool = False

    def verdict(self, figures: Figures) -> tuple[str, str, str]:
        """The needed and the reached figures, and whether the need is met: yes, no or ?."""
        needed = [need.text(self) for need in self.needs]
        reached = [_reached(need, self, figures) for need in self.needs]
        held = [need.held(self, figures) for need in self.needs]
        if self.no_error:
            errors = figures.errors[self.name].get(OURS, 0)
            needed.append("no error")
            reached.append(f"{errors} errors")
            held.append(errors == 0)
        if not needed:
            return "", "", ""
        return " and ".join(needed), ", ".join(reached), "?" if None in held else "yes" if all(held) else "no"


def _reached(need: Need, row: Row, figures: Figures) -> str:
    value = need.reached(row, figures)
    if value is None:
        return "?"
    return f"{value:.3g}x" if need.beside else f"{value:.3g}"


def _nested() -> defaultdict[str, dict[str, Any]]:
    return defaultdict(dict)


@dataclass
class Figures:
    """The measured figures, by row and system."""

    values: defaultdict[str, dict[str, Any]] = field(default_factory=_nested)
    errors: defaultdict[str, dict[str, Any]] = field(default_factory=_nested)
    notes: defaultdict[str, dict[str, Any]] = field(default_factory=_nested)
    details: defaultdict[str, dict[str, Any]] = field(default_factory=_nested)

    def add(self, row: str, system: str, value: float) -> None:
        self.values[row].setdefault(system, []).append(value)

    def error(self, row: str, system: str, count: int) -> None:
        self.errors[row][system] = self.errors[row].get(system, 0) + count

    def detail(self, row: str, system: str, detail: dict[str, Any]) -> None:
        self.details[row].setdefault(system, []).append(detail)

    def median(self, row: str, system: str) -> float | None:
        values = self.values[row].get(system)
        return statistics.median(values) if values else None


MLFLOW, FASTTRACKML = "mlflow", "fasttrackml"
LOG_METRIC = Row(
    "runs/log-metric, one run, 20 connections", "req/s", (Need(10, FASTTRACKML),), more=True, no_error=True
)
LOG_BATCH = Row("runs/log-batch, 100 metrics, 8 connections", "req/s", (Need(50, MLFLOW),), more=True, no_error=True)
LOG_STEPS = Row(
    "runs/log-batch, 10 metrics x 100 steps, 8 connections", "req/s", (Need(250),), more=True, no_error=True
)
CREATE = Row("runs/create, 20 connections", "req/s", (Need(3, FASTTRACKML),), more=True, no_error=True)
GET = Row("runs/get, 20 connections", "req/s", (Need(1, FASTTRACKML),), more=True, no_error=True)
SEARCH = Row("runs/search, 1,000 newest of many", "s", (Need(0.25, FASTTRACKML), Need(0.08)))
FILTER = Row("runs/search, 100 by filter and order", "s", (Need(0.5, FASTTRACKML), Need(0.015)))
PAGES = Row("all runs of an experiment by 1,000", "s", (Need(1),))
HISTORY = Row("metric history, whole", "s", (Need(0.6),))
CHART = Row("metric history, chart of 2,000 points", "s", (Need(0.05),))
FRAME = Row("metric history, to a data frame", "s", (Need(0.15),))
EXTREMES = Row("chart of a long history that keeps extremes", "s", (Need(0.02),))
CHARTS = Row("100 charts of 100,000 points in one request", "s", (Need(0.3),))
DISK = Row("disk space of a point", "bytes", (Need(16),))
FIRST_START = Row("first start, new database", "s")
START = Row("server start to first answer", "s", (Need(1.5),))
MEMORY = Row("idle memory (PSS)", "MB", (Need(150),))
IMPORT = Row("import", "s", (Need(0.1),))
IMPORT_MEMORY = Row("memory of a process that imports it", "MB", (Need(40),))
VERSION = Row("command --version", "s", (Need(0.2),))
SIZE = Row("installed size of the server", "MB", (Need(150),))
PACKAGES = Row("installed packages", "", (Need(35),))
ROWS = (
    LOG_METRIC,
    LOG_BATCH,
    LOG_STEPS,
    CREATE,
    GET,
    SEARCH,
    FILTER,
    PAGES,
    HISTORY,
    CHART,
    FRAME,
    EXTREMES,
    CHARTS,
    DISK,
    FIRST_START,
    START,
    MEMORY,
    IMPORT,
    IMPORT_MEMORY,
    VERSION,
    SIZE,
    PACKAGES,
)
