"""A match as a drawing: the two spectra over each other, and the curve with what the bands make of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from smartmix.matching.grid import GRID_HZ, Floats
from smartmix.report.markup import Html, join, tag
from smartmix.report.svg import (
    LEFT,
    RIGHT,
    WIDTH,
    Box,
    Scale,
    area,
    block,
    curve,
    label,
    level_axis,
    rule,
    ticks,
)

if TYPE_CHECKING:
    from smartmix.matching.match import EQMatch

TICKS_HZ = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
HEIGHT = 470.0
SPAN_DB = 60.0
STYLE = """
svg { font: 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; --paper: #ffffff;
  --soft: #5b6169; --grid: #e6e7e8; --axis: #9aa0a7; --c0: #0a5fae; --c1: #b05a00; --c2: #17693a; }
@media (prefers-color-scheme: dark) { svg { --paper: #1b1e22; --soft: #a0a7b0; --grid: #2c3137; --axis: #697079;
  --c0: #62b2ff; --c1: #eea04c; --c2: #74d29a; } }
.paper { fill: var(--paper); } text { fill: var(--soft); } .grid { stroke: var(--grid); }
.axis, .zero { stroke: var(--axis); } path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
path.c0 { stroke: var(--c0); } text.c0 { fill: var(--c0); } path.c1 { stroke: var(--c1); } text.c1 { fill: var(--c1); }
path.c2 { stroke: var(--c2); stroke-dasharray: 5 4; } text.c2 { fill: var(--c2); }
path.sure { fill: var(--c0); opacity: 0.12; stroke: none; }
"""


def match_chart(match: EQMatch, names: tuple[str, str]) -> str:
    """An SVG file that stands on its own, readable on light and dark pages."""
    x = Scale(20.0, 20_000.0, LEFT, RIGHT, log=True)
    above, below = Box(LEFT, 48.0, RIGHT, 240.0), Box(LEFT, 300.0, RIGHT, 430.0)
    drawing = tag(
        "svg",
        tag("title", f"EQ match of {names[0]} to {names[1]}"),
        tag("style", Html(STYLE)),
        block(0.0, 0.0, WIDTH, HEIGHT, "paper"),
        _spectra(match, names, x, above),
        _change(match, x, below),
        _frequencies(x, above.top, below.bottom),
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=HEIGHT,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        role="img",
    )
    return str(drawing).replace("><", ">\n<") + "\n"


def _points(x: Scale, values: Floats) -> tuple[list[float], list[float]]:
    shown = (x.low <= GRID_HZ) & (x.high >= GRID_HZ)
    return [x(hz) for hz in GRID_HZ[shown].tolist()], values[shown].tolist()


def _spectra(match: EQMatch, names: tuple[str, str], x: Scale, box: Box) -> Html:
    """Both envelopes, the reference moved to the level of the source."""
    levels = (match.curve.source_db, match.curve.reference_db - match.curve.offset_db)
    top = 6.0 * math.ceil(max(float(np.max(level)) for level in levels) / 6.0)
    y = Scale(top - SPAN_DB, top, box.bottom, box.top)
    parts = [level_axis(box, y, ticks(top - SPAN_DB, top, 5), "dB")]
    for number, (name, level) in enumerate(zip(names, levels, strict=True)):
        xs, values = _points(x, level)
        ys = [y(v) if v > y.low else math.nan for v in values]
        parts.append(curve(xs, ys, f"c{number}"))
        parts.append(label(LEFT + 420.0 * number, 24.0, name[:56], f"c{number}"))
    return join(*parts)


def _change(match: EQMatch, x: Scale, box: Box) -> Html:
    reach = 3.0 * max(1, math.ceil(float(np.abs(match.intended_db).max()) / 3.0))
    y = Scale(-reach, reach, box.bottom, box.top)
    xs, sure = _points(x, match.confidence)
    worth = Scale(0.0, 1.0, box.bottom, box.top)
    _, intended = _points(x, match.intended_db)
    _, achieved = _points(x, match.achieved_db)
    return join(
        area(xs, [worth(v) for v in sure], box.bottom, "sure"),
        level_axis(box, y, (-reach, 0.0, reach), "dB", plus=True),
        curve(xs, [y(v) for v in intended], "c0"),
        curve(xs, [y(v) for v in achieved], "c2"),
        label(LEFT, box.top - 16.0, "intended (shaded: how sure)", "c0"),
        label(LEFT + 220.0, box.top - 16.0, "what the bands do", "c2"),
    )


def _frequencies(x: Scale, top: float, bottom: float) -> Html:
    parts = [rule(x.start, bottom, x.end, bottom, "axis")]
    for hz in TICKS_HZ:
        parts.append(rule(x(hz), top, x(hz), bottom + 4.0))
        parts.append(
            label(x(hz), bottom + 18.0, f"{hz // 1000}k" if hz >= 1000 else str(hz), "tick", "middle")
        )
    return join(*parts, label(x.end + 20.0, bottom + 18.0, "Hz", "unit"))
