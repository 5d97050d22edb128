"""Small line charts as SVG files that stand on their own, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from smartmix.report.markup import Html, join, tag
from smartmix.report.svg import Box, Scale, block, curve, label, rule

PANEL_WIDTH, PANEL_HEIGHT = 440.0, 290.0
MOST_POINTS = 320
MARGIN = Box(54.0, 68.0, 16.0, 42.0)
LONGEST_TITLE = 56
STYLE = """
svg { font: 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; --paper: #ffffff;
  --ink: #1b1d20; --soft: #5b6169; --grid: #e6e7e8; --axis: #9aa0a7; --ref: #6b7178;
  --c0: #0a5fae; --c1: #b05a00; --c2: #17693a; --c3: #6b3fa0; --c4: #ab231b; }
@media (prefers-color-scheme: dark) { svg { --paper: #1b1e22; --ink: #e8e9eb; --soft: #a0a7b0; --grid: #2c3137;
  --axis: #697079; --ref: #8b929b; --c0: #62b2ff; --c1: #eea04c; --c2: #74d29a; --c3: #bda0f2; --c4: #ff8d84; } }
.paper { fill: var(--paper); } text { fill: var(--soft); } .title { fill: var(--ink); font-weight: 600;
  font-size: 13px; }
.grid { stroke: var(--grid); } .axis { stroke: var(--axis); }
path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
path.ref { stroke: var(--ref); stroke-dasharray: 5 4; stroke-width: 1.4; } text.ref { fill: var(--ref); }
path.c0 { stroke: var(--c0); } text.c0 { fill: var(--c0); }
path.c1 { stroke: var(--c1); } text.c1 { fill: var(--c1); }
path.c2 { stroke: var(--c2); } text.c2 { fill: var(--c2); }
path.c3 { stroke: var(--c3); } text.c3 { fill: var(--c3); }
path.c4 { stroke: var(--c4); } text.c4 { fill: var(--c4); }
"""


@dataclass(frozen=True)
class Axis:
    """What one side of a panel counts: from low to high in `unit`, with a mark at each of `ticks`."""

    low: float
    high: float
    unit: str
    ticks: Sequence[float]
    log: bool = False


@dataclass(frozen=True)
class Line:
    """One curve. `name` stands over the panel; "" for none. A `reference` is dashed."""

    name: str
    x: ArrayLike
    y: ArrayLike
    reference: bool = False


@dataclass(frozen=True)
class Panel:
    """One chart."""

    title: str
    x: Axis
    y: Axis
    lines: Sequence[Line]


HZ = Axis(20.0, 20_000.0, "Hz", (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000), log=True)


def db(low: float, high: float, step: float, unit: str = "dB") -> Axis:
    """Levels from low to high, a mark each `step`."""
    return Axis(low, high, unit, tuple(np.arange(low, high + 0.5 * step, step).tolist()))


def time(end: float, step: float, unit: str = "ms") -> Axis:
    """From 0 to `end`."""
    return Axis(0.0, end, unit, tuple(np.arange(0.0, end + 0.5 * step, step).tolist()))


def drawing(title: str, panels: Sequence[Panel]) -> str:
    """The SVG file: panels two by two."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    size = (columns * PANEL_WIDTH, rows * PANEL_HEIGHT)
    parts = [
        _panel(p, (i % columns) * PANEL_WIDTH, (i // columns) * PANEL_HEIGHT) for i, p in enumerate(panels)
    ]
    svg = tag(
        "svg",
        tag("title", title),
        tag("style", Html(STYLE)),
        block(0, 0, *size, "paper"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        width=size[0],
        height=size[1],
        viewBox=f"0 0 {size[0]:g} {size[1]:g}",
        role="img",
    )
    return str(svg).replace("><", ">\n<") + "\n"


def _panel(panel: Panel, left: float, top: float) -> Html:
    if len(panel.title) > LONGEST_TITLE:
        raise ValueError(f"{panel.title!r} is too long for a panel")
    box = Box(
        left + MARGIN.left,
        top + MARGIN.top,
        left + PANEL_WIDTH - MARGIN.right,
        top + PANEL_HEIGHT - MARGIN.bottom,
    )
    x = Scale(panel.x.low, panel.x.high, box.left, box.right, log=panel.x.log)
    y = Scale(panel.y.low, panel.y.high, box.bottom, box.top, log=panel.y.log)
    parts = [label(left + 14, top + 22, panel.title, "title")]
    for value in panel.x.ticks:
        parts.append(rule(x(value), box.top, x(value), box.bottom))
        parts.append(label(x(value), box.bottom + 16, _number(value), "tick", "middle"))
    for value in panel.y.ticks:
        parts.append(rule(box.left, y(value), box.right, y(value)))
        parts.append(label(box.left - 7, y(value) + 4, _number(value), "tick", "end"))
    parts.append(label(box.right, box.bottom + 33, panel.x.unit, "unit", "end"))
    parts.append(label(left + 14, box.top - 11, panel.y.unit, "unit"))
    parts.append(rule(box.left, box.bottom, box.right, box.bottom, "axis"))
    return join(*parts, *_lines(panel, x, y, left, top))


def _lines(panel: Panel, x: Scale, y: Scale, left: float, top: float) -> list[Html]:
    parts, colour, at = [], 0, left + 14.0
    for line in panel.lines:
        kind = "ref" if line.reference else f"c{colour % 5}"
        colour += not line.reference
        xs, ys = _thinned(line, panel.x)
        parts.append(curve([x(v) for v in xs], [_inside(v, panel.y, y) for v in ys], kind))
        if line.name:
            parts.append(label(at, top + 40, line.name, kind))
            at += 6.4 * len(line.name) + 16.0
    return parts


def _inside(value: float, axis: Axis, scale: Scale) -> float:
    """Off the panel the pen is lifted."""
    if not axis.low - _slack(axis) <= value <= axis.high + _slack(axis):
        return float("nan")
    return scale(value)


def _slack(axis: Axis) -> float:
    """A point at the edge stays, however a processor rounds it."""
    return 1e-6 * (axis.high - axis.low)


def _thinned(line: Line, axis: Axis) -> tuple[list[float], list[float]]:
    xs, ys = np.asarray(line.x, dtype=np.float64), np.asarray(line.y, dtype=np.float64)
    inside = (xs >= axis.low - _slack(axis)) & (xs <= axis.high + _slack(axis))
    xs, ys = xs[inside], ys[inside]
    if xs.size > MOST_POINTS:
        chosen = np.unique(np.linspace(0, xs.size - 1, MOST_POINTS).round().astype(int))
        xs, ys = xs[chosen], ys[chosen]
    return xs.tolist(), ys.tolist()


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value / 1000:g}k".replace("-", "−")
    return f"{round(value, 6):g}".replace("-", "−")
