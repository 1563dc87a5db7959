"""Flowcharts as SVG. The pages contain them in Mermaid's language, which code hosts draw.

Mermaid itself is a script of three megabytes that would have to come from elsewhere. The few lines of its language that
the pages use are drawn here: nodes in layers, arrows down, and dotted arrows up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import NamedTuple

_ARROW = re.compile(r'\s(?:-->|-\.\s*"(?P<label>[^"]*)"\s*\.->)\s')
_NODE = re.compile(r'(?P<name>\w+)(?:\["(?P<label>[^"]*)"\])?')
_ROW, _HEIGHT, _SPACE, _LETTER = 74.0, 32.0, 18.0, 8.4
_SWEEPS = 24


class Edge(NamedTuple):
    """An arrow; ``label`` is None for one that is not dotted."""

    start: str
    end: str
    label: str | None


class Chart(NamedTuple):
    """Nodes with their labels, and the arrows between them."""

    labels: dict[str, str]
    edges: list[Edge]


def drawn(source: str) -> str:
    """The SVG of a flowchart. Raises ValueError for a line that it does not understand."""
    chart = _read(source)
    rows, ways = _layers(chart)
    widths = {name: len(label) * _LETTER + 26 for name, label in chart.labels.items()}
    places = _places(rows, ways, widths)
    left = min(x - widths.get(name, 0) / 2 for name, (x, _) in places.items()) - 40
    right = max(x + widths.get(name, 0) / 2 for name, (x, _) in places.items()) + 40
    height = len(rows) * _ROW - _ROW + _HEIGHT + 4
    parts = [*_arrows(chart, ways, places), *_boxes(chart, places, widths)]
    return (
        f'<svg class="diagram" role="img" aria-label="Diagram" viewBox="{left:.0f} -2 {right - left:.0f} {height:.0f}" '
        f'style="max-width: {right - left:.0f}px"><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _read(source: str) -> Chart:
    labels: dict[str, str] = {}
    edges: list[Edge] = []
    for line in filter(None, map(str.strip, source.splitlines()[1:])):
        arrow = _ARROW.search(line)
        if arrow is None:
            raise ValueError(f"The diagram has a line that is not an arrow: {line!r}")
        starts, ends = (
            [_NODE.fullmatch(each.strip()) for each in side.split("&")]
            for side in (line[: arrow.start()], line[arrow.end() :])
        )
        for node in (*starts, *ends):
            if node is None:
                raise ValueError(f"The diagram has a line that cannot be drawn: {line!r}")
            if node["label"] or node["name"] not in labels:
                labels[node["name"]] = node["label"] or node["name"]
        edges += [Edge(start["name"], end["name"], arrow["label"]) for start in starts for end in ends]  # type: ignore[index]
    return Chart(labels, edges)


def _layers(chart: Chart) -> tuple[list[list[str]], list[list[str]]]:
    """Nodes by layer, from the top, and the way of each solid arrow with a point in each layer that it crosses."""
    solid = [edge for edge in chart.edges if edge.label is None]
    below: dict[str, list[str]] = {name: [edge.end for edge in solid if edge.start == name] for name in chart.labels}

    def depth(name: str) -> int:
        return max((depth(each) + 1 for each in below[name]), default=0)

    depths = {name: depth(name) for name in chart.labels}
    top = max(depths.values())
    rows: list[list[str]] = [[] for _ in range(top + 1)]
    for name, found in depths.items():
        rows[top - found].append(name)
    ways = []
    for start, end, _ in solid:
        crossed = [f"{start} {end} {level}" for level in range(depths[start] - 1, depths[end], -1)]
        for level, point in zip(range(depths[start] - 1, depths[end], -1), crossed, strict=True):
            rows[top - level].append(point)
        ways.append([start, *crossed, end])
    return rows, ways


def _places(rows: list[list[str]], ways: list[list[str]], widths: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Each node's middle: near those that it is linked with, without touching its neighbours."""
    linked: dict[str, list[str]] = {}
    for way in ways:
        for upper, lower in pairwise(way):
            linked.setdefault(upper, []).append(lower)
            linked.setdefault(lower, []).append(upper)
    x = {name: float(number) * 100 for row in rows for number, name in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            aim = {name: sum(x[each] for each in linked[name]) / len(linked[name]) for name in row}
            row.sort(key=aim.__getitem__)
            x |= _apart(row, aim, widths)
    return {name: (x[name], number * _ROW + _HEIGHT / 2) for number, row in enumerate(rows) for name in row}


def _apart(row: list[str], aim: dict[str, float], widths: dict[str, float]) -> dict[str, float]:
    """Places in a row close to ``aim``: the mean of pushing what overlaps to the right, and to the left."""
    gaps = [(widths.get(one, 0) + widths.get(other, 0)) / 2 + _SPACE for one, other in pairwise(row)]
    pushed = [aim[row[0]]]
    for name, gap in zip(row[1:], gaps, strict=True):
        pushed.append(max(aim[name], pushed[-1] + gap))
    pulled = [aim[row[-1]]]
    for name, gap in zip(reversed(row[:-1]), reversed(gaps), strict=True):
        pulled.append(min(aim[name], pulled[-1] - gap))
    return {name: (one + other) / 2 for name, one, other in zip(row, pushed, reversed(pulled), strict=True)}


def _arrows(chart: Chart, ways: list[list[str]], places: dict[str, tuple[float, float]]) -> Iterator[str]:
    half = _HEIGHT / 2
    for way in ways:
        points = [places[name] for name in way]
        points[0] = (points[0][0], points[0][1] + half)
        points[-1] = (points[-1][0], points[-1][1] - half)
        steps = "".join(
            f"C{x:.0f} {(y + v) / 2:.0f} {u:.0f} {(y + v) / 2:.0f} {u:.0f} {v:.0f}"
            for (x, y), (u, v) in pairwise(points)
        )
        yield f'<path d="M{points[0][0]:.0f} {points[0][1]:.0f}{steps}"/>'
    for start, end, label in chart.edges:
        if label is not None:
            (x, y), (u, v) = places[start], places[end]
            yield (
                f'<path class="dotted" d="M{x + 14:.0f} {y - half:.0f}C{x + 14:.0f} {(y + v) / 2:.0f} '
                f'{u + 14:.0f} {(y + v) / 2:.0f} {u + 14:.0f} {v + half:.0f}"><title>{escape(label)}</title></path>'
            )


def _boxes(chart: Chart, places: dict[str, tuple[float, float]], widths: dict[str, float]) -> Iterator[str]:
    for name, label in chart.labels.items():
        (x, y), width = places[name], widths[name]
        size = f'width="{width:.0f}" height="{_HEIGHT:.0f}" rx="5"'
        yield f'<rect x="{x - width / 2:.0f}" y="{y - _HEIGHT / 2:.0f}" {size}/>'
        yield f'<text x="{x:.0f}" y="{y + 5:.0f}">{escape(label)}</text>'
