"""Writes the results as a table, as JSON, and as a plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import plot
from figures import LABELS, OURS, ROWS, Figures, Row

UNSTEADY = 2  # rounds that differ by more than this factor are listed


def number(value: float | None) -> str:
    """A number with three significant digits, and commas between thousands."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def factor(row: Row, found: Figures, system: str) -> float | None:
    """How many times better mlyard is than the system."""
    own, other = found.median(row.name, OURS), found.median(row.name, system)
    if not own or not other:
        return None
    return own / other if row.more else other / own


def _cell(row: Row, found: Figures, system: str) -> str:
    note = found.notes[row.name].get(system, "")
    text = number(found.median(row.name, system))
    if note:
        text = "fails"
    errors = found.errors[row.name].get(system, 0)
    return f"{text} ({errors} errors)" if errors else text


def _lines(found: Figures, systems: list[str]) -> list[list[str]]:
    others = [system for system in systems if system != OURS]
    head = ["", "unit", *(LABELS[system] for system in systems), *(f"better than {LABELS[o]}" for o in others)]
    lines = [[*head, "needed", "reached", "held"]]
    for row in ROWS:
        if not found.values[row.name] and not found.notes[row.name]:
            continue
        factors = (factor(row, found, system) for system in others)
        better = [f"{number(value)}x" if value else "-" for value in factors]
        cells = [_cell(row, found, system) for system in systems]
        lines.append([row.name, row.unit, *cells, *better, *row.verdict(found)])
    return lines


def table(found: Figures, systems: list[str]) -> str:
    """A Markdown table with aligned columns, followed by the reasons of failures."""
    lines = _lines(found, systems)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    texts = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    texts = [f"| {text} |" for text in texts]
    notes = [
        f"- {name}: {LABELS[system]}: {note}" for name, given in found.notes.items() for system, note in given.items()
    ]
    notes += _unsteady(found)
    return "\n".join([*texts, *([""] if notes else []), *notes])


def _unsteady(found: Figures) -> list[str]:
    """Notes about rounds that differ widely, which the median would hide."""
    return [
        f"- {name}: {LABELS[system]}: rounds differ: {', '.join(number(value) for value in values)}"
        for name, by_system in found.values.items()
        for system, values in by_system.items()
        if max(values) > UNSTEADY * min(values)
    ]


def _row_json(row: Row, found: Figures, systems: list[str]) -> dict[str, Any]:
    needed, reached, held = row.verdict(found)
    return {
        "row": row.name,
        "unit": row.unit,
        "more_is_better": row.more,
        "median": {system: found.median(row.name, system) for system in systems},
        "rounds": dict(found.values[row.name]),
        "errors": dict(found.errors[row.name]),
        "fails": dict(found.notes[row.name]),
        "details": dict(found.details[row.name]),
        "mlyard_better": {system: factor(row, found, system) for system in systems if system != OURS},
        "needed": needed,
        "reached": reached,
        "held": held,
    }


def _dots(found: Figures, systems: list[str]) -> list[plot.Dots]:
    """How many times better mlyard is, row by row."""
    rows = []
    for row in ROWS:
        values = {LABELS[system]: factor(row, found, system) for system in systems if system != OURS}
        known = {name: value for name, value in values.items() if value}
        medians = [f"{LABELS[system]} {number(found.median(row.name, system))}" for system in systems]
        needs = {LABELS[n.beside]: n.bound if row.more else 1 / n.bound for n in row.needs if n.beside}
        if known:
            rows.append(plot.Dots(row.name, f"{', '.join(medians)} {row.unit}".strip(), known, needs))
    return rows


def write(found: Figures, about: dict[str, Any], systems: list[str], folder: Path) -> None:
    """Print the table; write bench.md, bench.json and bench.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    text = table(found, systems)
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    (folder / "bench.md").write_text(f"{facts}\n\n{text}\n")
    rows = [_row_json(row, found, systems) for row in ROWS if found.values[row.name] or found.notes[row.name]]
    (folder / "bench.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    if dots := _dots(found, systems):
        title = "How many times better mlyard is (ticks: needed)"
        (folder / "bench.svg").write_text(plot.dots(title, dots))
    print(f"\n{facts}\n\n{text}\n\nWritten to {folder}")
