"""Draws two kinds of small SVG plots with logarithmic axes, without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLORS = ("#1f6feb", "#d1570a", "#1a7f37", "#8250df", "#bf3989", "#57606a")
FONT = 'font-family="system-ui, sans-serif" font-size="12"'


@dataclass(frozen=True)
class Dots:
    """One line of a dot plot: a value for each series, and the tick that it must reach."""

    label: str
    detail: str
    values: Mapping[str, float]
    ticks: Mapping[str, float]


@dataclass(frozen=True)
class Scale:
    """A logarithmic axis from whole powers of ten to pixels."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> Scale:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(low, max(high, low + 1), start, end)

    def at(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)

    def powers(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="#1f2328" {FONT} {more}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, color: str = "#d0d7de", width: float = 1) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="{width}"/>'


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


def _legend(names: Sequence[str], x: float, y: float) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        left = x + 120 * number
        parts.append(f'<circle cx="{left}" cy="{y - 4}" r="5" fill="{COLORS[number]}"/>')
        parts.append(_text(left + 10, y, name))
    return parts


def dots(title: str, rows: Sequence[Dots]) -> str:
    """A dot plot with one line per row, and a dot for each series."""
    left, right, top, step = 300, 760, 64, 36
    bottom = top + step * len(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    everything = [1.0, *(value for row in rows for value in [*row.values.values(), *row.ticks.values()])]
    scale = Scale.over(everything, left, right)
    parts = [_text(12, 22, title, more='font-weight="bold"'), *_legend(names, 24, 44)]
    for power in scale.powers():
        x = scale.at(power)
        parts += [_line(x, top, x, bottom), _text(x, bottom + 16, f"{power:g}x", "middle")]
    parts.append(_line(scale.at(1), top, scale.at(1), bottom, "#1f2328", 1.5))
    for number, row in enumerate(rows):
        y = top + step * number + step / 2
        parts += [_text(12, y + 4, row.label), _line(left, y, right, y), _text(right + 12, y + 4, row.detail)]
        for name, value in row.ticks.items():
            x = scale.at(value)
            parts.append(_line(x, y - 10, x, y + 10, COLORS[names.index(name)] if name in names else "#1f2328", 3))
        for name, value in row.values.items():
            parts.append(f'<circle cx="{scale.at(value)}" cy="{y}" r="6" fill="{COLORS[names.index(name)]}"/>')
    return _svg(right + 420, bottom + 32, parts)


def _points(curve: Mapping[int, float], xs: Scale, ys: Scale) -> str:
    return " ".join(f"{xs.at(x)},{ys.at(y)}" for x, y in sorted(curve.items()))


def _panel(title: str, axis: str, curves: Mapping[str, Mapping[int, float]], left: float) -> list[str]:
    """Curves over one x axis, 460 pixels wide."""
    start, end, top, bottom = left + 60, left + 430, 70 + 18 * len(curves), 400 + 18 * len(curves)
    xs = Scale.over([x for curve in curves.values() for x in curve], start, end)
    ys = Scale.over([y for curve in curves.values() for y in curve.values()], bottom, top)
    parts = [
        _text(left + 12, 22, title, more='font-weight="bold"'),
        _text((start + end) / 2, bottom + 36, axis, "middle"),
    ]
    for power in xs.powers():
        x = xs.at(power)
        parts += [_line(x, top, x, bottom), _text(x, bottom + 18, f"{power:,.0f}", "middle")]
    for power in ys.powers():
        y = ys.at(power)
        parts += [_line(start, y, end, y), _text(start - 8, y + 4, f"{power:g}", "end")]
    for number, (name, curve) in enumerate(curves.items()):
        color, y = COLORS[number], 44 + 18 * number
        parts.append(f'<polyline points="{_points(curve, xs, ys)}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{xs.at(x)}" cy="{ys.at(v)}" r="4" fill="{color}"/>' for x, v in curve.items()]
        parts += [f'<circle cx="{left + 18}" cy="{y - 4}" r="5" fill="{color}"/>', _text(left + 28, y, name)]
    return parts


def panels(given: Sequence[tuple[str, str, Mapping[str, Mapping[int, float]]]]) -> str:
    """Panels of curves side by side: title, x axis, and the curves."""
    shown = [panel for panel in given if any(panel[2].values())]
    most = max((len(curves) for _, _, curves in shown), default=0)
    parts = [part for number, panel in enumerate(shown) for part in _panel(*panel, 460 * number)]
    return _svg(460 * len(shown) + 30, 450 + 18 * most, parts)
