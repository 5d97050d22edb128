"""Loudness over time: sum, rough and mix, the song's sections, and where moves act."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.plan.titles import title_in_force
from smartmix.report import words
from smartmix.report.markup import Html, join
from smartmix.report.svg import (
    LEFT,
    RIGHT,
    WIDTH,
    Box,
    Scale,
    block,
    curve,
    end_labels,
    figure,
    fitting,
    label,
    level_axis,
    section_bands,
    ticks,
    time_axis,
)
from smartmix.report.versions import programme

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, MoveOutcome, Programme

MOST_POINTS = 480
LOUDNESS_SPAN_LU = 36.0

Values = NDArray[np.float64]


def moves_in_time(result: MixResult) -> list[MoveOutcome]:
    """Moves that are in the mix and act on a part of the song only."""
    return [o for o in result.outcomes if o.verdict == "applied" and o.move.span_s is not None]


def loudness_chart(result: MixResult, *, with_moves: bool = True) -> Html:
    """Short-term loudness of sum, rough and mix, with the song's sections and where moves act."""
    shown = [p for p in (programme(result, n) for n in ("sum", "rough", "mix")) if p is not None]
    acting = moves_in_time(result) if with_moves else []
    duration_s = max(result.session.duration_s, 1.0)
    top = 40.0 if result.session.sections else 28.0
    box = Box(LEFT, top, RIGHT, top + 230.0)
    x = Scale(0.0, duration_s, box.left, box.right)
    high, low = _loudness_range(shown)
    y = Scale(low, high, box.bottom, box.top)
    grid = level_axis(box, y, ticks(low, high, 6), "LUFS")
    lines = [_loudness_line(p, x, y) for p in shown]
    names = end_labels(box, [(p.name, _last_position(p, y)) for p in shown])
    strip, height = _move_strip(acting, x, box)
    return figure(
        "loudness",
        (WIDTH, height),
        "Short-term loudness over time",
        _loudness_words(shown),
        section_bands(result.session.sections, x, box, bottom=height - 26.0),
        grid,
        *lines,
        names,
        strip,
        time_axis(Box(box.left, box.top, box.right, height - 26.0), x, duration_s),
    )


def _loudness_range(shown: Sequence[Programme]) -> tuple[float, float]:
    tops = [p.loudness.short_term_max_lufs for p in shown if math.isfinite(p.loudness.short_term_max_lufs)]
    high = 5.0 * math.ceil((max(tops, default=-15.0) + 1.0) / 5.0)
    quiet = [_finite_low(p.short_term_lufs.astype(np.float64), high - LOUDNESS_SPAN_LU) for p in shown]
    return high, 5.0 * math.floor(min([*quiet, high - 15.0]) / 5.0)


def _finite_low(values: Values, floor: float) -> float:
    kept = values[np.isfinite(values) & (values > floor)]
    return float(np.percentile(kept, 2)) if kept.size else floor


def _loudness_line(shown: Programme, x: Scale, y: Scale) -> Html:
    values = shown.short_term_lufs.astype(np.float64)
    stride = max(1, math.ceil(values.size / MOST_POINTS))
    kept = values[::stride]
    xs = [x((index * stride + 1) / FRAME_RATE_HZ) for index in range(kept.size)]
    ys = [y(value) if math.isfinite(value) and value >= y.low else math.nan for value in kept.tolist()]
    return curve(xs, ys, f"line {shown.name}")


def _last_position(shown: Programme, y: Scale) -> float:
    """Where the line is near its end: the median of the last tenth that is on the chart."""
    values = shown.short_term_lufs.astype(np.float64)
    tail = values[-max(1, values.size // 12) :]
    tail = tail[np.isfinite(tail) & (tail >= y.low)]
    return y(float(np.median(tail))) if tail.size else y.start


def _move_strip(acting: Sequence[MoveOutcome], x: Scale, box: Box) -> tuple[Html, float]:
    """One bar per move under the chart; gives back the drawing and the height of the whole figure."""
    if not acting:
        return Html(""), box.bottom + 26.0
    at = box.bottom + 26.0
    parts = [label(box.left - 7, at + 11, "moves", "unit", "end")]
    for outcome in acting:
        span_s = outcome.move.span_s or (0.0, 0.0)
        start, end = x(span_s[0]), x(span_s[1])
        parts.append(block(start, at, max(end - start, 3.0), 14.0, "movebar", rx=2))
        parts.append(_move_label(title_in_force(outcome.move), start, end, at + 11.5, box))
        at += 21.0
    return join(*parts), at + 6.0 + 26.0


def _move_label(title: str, start: float, end: float, y: float, box: Box) -> Html:
    """The move's title after its bar, or before it where the chart ends."""
    room_after, room_before = box.right - end, start - box.left
    if room_after >= room_before:
        return label(end + 6, y, fitting(title, room_after, 6.6), "label")
    return label(start - 6, y, fitting(title, room_before, 6.6), "label", "end")


def _loudness_words(shown: Sequence[Programme]) -> str:
    parts = [
        f"{p.name}: {words.level(p.loudness.integrated_lufs, 'LUFS')} integrated, loudest "
        f"{words.level(p.loudness.short_term_max_lufs, 'LUFS')}"
        for p in shown
    ]
    return "Loudness of the last 3 seconds through the song. " + "; ".join(parts) + "."
