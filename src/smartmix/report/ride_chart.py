"""Rides: each moving parameter over the time of the song."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from smartmix.parameter import Breakpoint
from smartmix.plan.move import MoveSet
from smartmix.report import words
from smartmix.report.markup import Html, join, tag
from smartmix.report.settings import parameter_name
from smartmix.report.svg import (
    LEFT,
    RIGHT,
    WIDTH,
    Box,
    Scale,
    area,
    curve,
    figure,
    label,
    level_axis,
    section_bands,
    time_axis,
)

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, MoveOutcome


def lanes(result: MixResult) -> list[tuple[MoveOutcome, MoveSet, tuple[Breakpoint, ...]]]:
    """Every ride that is in the mix: the move, its setting, the points."""
    return [
        (outcome, item, item.value)
        for outcome in result.outcomes
        if outcome.verdict == "applied"
        for item in outcome.move.sets
        if isinstance(item.value, tuple) and item.value
    ]


def lane_chart(result: MixResult) -> Html | None:
    """One row per ride on a common time axis; None when nothing is ridden."""
    rides = lanes(result)
    if not rides:
        return None
    duration_s = max(result.session.duration_s, 1.0)
    top = 30.0
    pitch = 104.0
    bottom = top + pitch * len(rides)
    x = Scale(0.0, duration_s, LEFT, RIGHT)
    whole = Box(LEFT, top, RIGHT, bottom)
    names = {t.id: t.name for t in result.session.tracks}
    rows, said = [], []
    for index, (_, item, points) in enumerate(rides):
        name = f"{names.get(item.ref.track, item.ref.track)}, {parameter_name(item)}"
        row = Box(LEFT, top + pitch * index + 22.0, RIGHT, top + pitch * (index + 1) - 14.0)
        rows.append(_lane(row, x, points, item.unit, name))
        values = [p.value for p in points]
        said.append(
            f"{name}: {words.setting(min(values), item.unit, plus=True)} to "
            f"{words.setting(max(values), item.unit, plus=True)}, {len(points)} points"
        )
    return figure(
        "rides",
        (WIDTH, bottom + 26.0),
        "Rides over time",
        "; ".join(said) + ".",
        section_bands(result.session.sections, x, whole, bottom),
        *rows,
        time_axis(whole, x, duration_s),
    )


def _lane(box: Box, x: Scale, points: Sequence[Breakpoint], unit: str, name: str) -> Html:
    values = [p.value for p in points]
    plus = unit in ("dB", "LU")
    low, high = _lane_range(values, plus)
    y = Scale(low, high, box.bottom, box.top)
    xs, ys = _lane_line(points, x, y)
    marks = (low, 0.0, high) if plus else (low, high)
    parts = [level_axis(box, y, marks, unit, plus=plus), label(box.left + 6, box.top - 6, name, "rowname")]
    if plus:
        parts.append(area(xs, ys, y(0.0), "difference"))
    parts.append(curve(xs, ys, "line mix"))
    parts.extend(tag("circle", cx=x(p.time_s), cy=y(p.value), r=2.4, class_="point") for p in points)
    extreme = max(points, key=lambda p: abs(p.value))
    parts.append(
        label(
            x(extreme.time_s),
            y(extreme.value) + (-7 if extreme.value >= 0 else 16),
            words.setting(extreme.value, unit, plus=plus),
            "value",
            "middle",
        )
    )
    return join(*parts)


def _lane_range(values: Sequence[float], plus: bool) -> tuple[float, float]:
    if plus:
        reach = float(max(2, math.ceil(max(abs(v) for v in values) + 0.5)))
        return -reach, reach
    low, high = min(values), max(values)
    margin = (high - low) * 0.15 or max(abs(high) * 0.1, 0.1)
    return low - margin, high + margin


def _lane_line(points: Sequence[Breakpoint], x: Scale, y: Scale) -> tuple[list[float], list[float]]:
    """The lane as drawn: it holds before the first and after the last point, and between two if told to."""
    xs, ys = [x(0.0)], [y(points[0].value)]
    previous = points[0]
    for point in points:
        if previous.curve == "hold" and point is not previous:
            xs.append(x(point.time_s))
            ys.append(y(previous.value))
        xs.append(x(point.time_s))
        ys.append(y(point.value))
        previous = point
    return [*xs, x.end], [*ys, y(previous.value)]
