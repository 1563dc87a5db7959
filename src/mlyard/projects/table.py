"""The table of a sweep: redrawn on a terminal, a line per finished run elsewhere."""

from __future__ import annotations

import shutil
from typing import TextIO

import msgspec

from mlyard.domain.runs import RUNNING

_MOST = 20


class Row(msgspec.Struct):
    """A run of a sweep."""

    number: int
    name: str
    values: dict[str, str]
    state: str = RUNNING
    metric: float | None = None


class Table:
    """Shows the rows of a sweep of ``total`` points, of which some may have been done before."""

    def __init__(self, stream: TextIO, metric: str | None, total: int) -> None:
        self._stream, self._metric, self._total = stream, metric, total
        self._live = stream.isatty()
        self._drawn = 0

    def changed(self, rows: list[Row], row: Row) -> None:
        """Show that a row is new or has changed."""
        if self._live:
            self._redraw(rows)
        elif row.state != RUNNING:
            done = sum(each.state != RUNNING for each in rows)
            self._stream.write(f"[{done}/{self._total}] {self._line(row)}\n")
            self._stream.flush()

    def _redraw(self, rows: list[Row]) -> None:
        width = shutil.get_terminal_size().columns - 1
        running = [row for row in rows if row.state == RUNNING]
        shown = sorted([*running, *[row for row in rows if row.state != RUNNING][-_MOST:]], key=lambda row: row.number)
        lines = [self._line(row)[:width] for row in shown]
        lines.append(f"{len(rows) - len(running)} of {self._total} done, {len(running)} running"[:width])
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        self._stream.write(up + "".join(f"\x1b[2K{line}\n" for line in lines) + "\x1b[J")
        self._stream.flush()
        self._drawn = len(lines)

    def _line(self, row: Row) -> str:
        values = " ".join(f"{name}={value}" for name, value in row.values.items())
        metric = "" if row.metric is None else f"{self._metric}={row.metric:.6g}"
        return "  ".join(part for part in (row.state.ljust(8), row.name, values, metric) if part)
