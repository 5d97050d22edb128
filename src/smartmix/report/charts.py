"""The charts of the report: loudness over time, spectrum, level changes, rides, and where a track plays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.figures import MINUS, format_time
from smartmix.parameter import Breakpoint
from smartmix.plan.move import MoveSet
from smartmix.report import words
from smartmix.report.markup import Html, join, tag
from smartmix.report.settings import parameter_name
from smartmix.report.svg import (
    Box,
    Scale,
    area,
    block,
    curve,
    figure,
    label,
    level_axis,
    rule,
    spread,
    ticks,
    time_axis,
)
from smartmix.session.session import Section

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, MoveOutcome, Programme

WIDTH = 920.0
LEFT, RIGHT = 52.0, 848.0
MOST_POINTS = 480
LOUDNESS_SPAN_LU = 36.0
SPECTRUM_TICKS_HZ = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)

Values = NDArray[np.float64]


def programme(result: MixResult, name: str) -> Programme | None:
    """The version of the song with this name, or None."""
    return next((p for p in result.programmes if p.name == name), None)


def before(result: MixResult) -> Programme | None:
    """What the mix is compared with: the rough mix, or the plain sum when there is none."""
    return programme(result, "rough") or programme(result, "sum")


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
    names = _end_labels(box, [(p.name, _last_position(p, y)) for p in shown])
    strip, height = _move_strip(acting, x, box)
    return figure(
        "loudness",
        (WIDTH, height),
        "Short-term loudness over time",
        _loudness_words(shown),
        _section_bands(result.session.sections, x, box, bottom=height - 26.0),
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


def _end_labels(box: Box, wanted: Sequence[tuple[str, float]]) -> Html:
    places = spread([position for _, position in wanted], 17.0, box.top + 6, box.bottom - 2)
    return join(
        *(
            label(box.right + 8, place + 4, name, f"name {name}")
            for (name, _), place in zip(wanted, places, strict=True)
        )
    )


def _section_bands(sections: Sequence[Section], x: Scale, box: Box, bottom: float) -> Html:
    parts = []
    for index, section in enumerate(sections):
        start, end = x(section.start_s), x(section.end_s)
        if index % 2 == 0:
            parts.append(block(start, box.top, end - start, bottom - box.top, "band"))
        name = _fitting(section.name, end - start - 6, 7.0)
        if name:
            parts.append(label((start + end) / 2, box.top - 9, name, "section", "middle"))
    return join(*parts)


def _fitting(text: str, width: float, letter_width: float) -> str:
    """The text, shortened with an ellipsis to the width; empty when not even three letters fit."""
    letters = int(width / letter_width)
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1].rstrip()}…" if letters >= 4 else ""


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
        parts.append(_move_label(outcome.move.title, start, end, at + 11.5, box))
        at += 21.0
    return join(*parts), at + 6.0 + 26.0


def _move_label(title: str, start: float, end: float, y: float, box: Box) -> Html:
    """The move's title after its bar, or before it where the chart ends."""
    room_after, room_before = box.right - end, start - box.left
    if room_after >= room_before:
        return label(end + 6, y, _fitting(title, room_after, 6.6), "label")
    return label(start - 6, y, _fitting(title, room_before, 6.6), "label", "end")


def _loudness_words(shown: Sequence[Programme]) -> str:
    parts = [
        f"{p.name}: {words.level(p.loudness.integrated_lufs, 'LUFS')} integrated, loudest "
        f"{words.level(p.loudness.short_term_max_lufs, 'LUFS')}"
        for p in shown
    ]
    return "Loudness of the last 3 seconds through the song. " + "; ".join(parts) + "."


def spectrum_chart(result: MixResult) -> Html | None:
    """Spectrum of rough (or sum) and mix at the same loudness, and the difference; None if one is silent."""
    old, new = before(result), programme(result, "mix")
    if old is None or new is None:
        return None
    if not all(math.isfinite(p.loudness.integrated_lufs) for p in (old, new)):
        return None
    hz = result.analysis.band_hz.astype(np.float64)
    shown = (hz >= 20.0) & (hz <= 20000.0)
    hz, levels = hz[shown], [_relative_spectrum(p)[shown] for p in (old, new)]
    box = Box(LEFT, 26.0, RIGHT, 226.0)
    x = Scale(20.0, 20000.0, box.left, box.right, log=True)
    low, high = _spectrum_range(levels)
    y = Scale(low, high, box.bottom, box.top)
    xs = [x(value) for value in hz.tolist()]
    lines = []
    for item, values in zip((old, new), levels, strict=True):
        ys = [y(v) if math.isfinite(v) and v >= low else math.nan for v in values.tolist()]
        lines.append(curve(xs, ys, f"line {item.name}"))
    ends = [(p.name, _spectrum_end(values, y)) for p, values in zip((old, new), levels, strict=True)]
    difference, words_ = _difference_panel(xs, hz, levels[1] - levels[0], box, (old.name, new.name))
    return figure(
        "spectrum",
        (WIDTH, 402.0),
        f"Spectrum, {old.name} and {new.name} at the same loudness",
        words_,
        level_axis(box, y, ticks(low, high, 5), "dB"),
        *lines,
        _end_labels(box, ends),
        difference,
        _frequency_axis(x, 26.0, 376.0),
    )


def _relative_spectrum(shown: Programme) -> Values:
    spectrum: Values = shown.spectrum_db.astype(np.float64) - shown.loudness.integrated_lufs
    return spectrum


def _spectrum_range(levels: Sequence[Values]) -> tuple[float, float]:
    finite = np.concatenate([v[np.isfinite(v)] for v in levels])
    if not finite.size:
        return -60.0, 0.0
    high = 6.0 * math.ceil((float(finite.max()) + 1.0) / 6.0)
    low = 6.0 * math.floor(float(finite.min()) / 6.0)
    return max(low, high - 60.0), high


def _spectrum_end(values: Values, y: Scale) -> float:
    finite = values[np.isfinite(values) & (values >= y.low)]
    return y(float(finite[-1])) if finite.size else y.start


def _difference_panel(
    xs: Sequence[float], hz: Values, change_db: Values, above: Box, names: tuple[str, str]
) -> tuple[Html, str]:
    """The difference after − before as a filled curve, and what it says in words."""
    box = Box(above.left, above.bottom + 44.0, above.right, 376.0)
    audible = np.where(np.isfinite(change_db), change_db, 0.0)
    reach = 3.0 * max(1, math.ceil(float(np.abs(audible).max(initial=0.0)) / 3.0))
    reach = min(reach, 12.0)
    y = Scale(-reach, reach, box.bottom, box.top)
    ys = [y(float(v)) for v in audible]
    most = int(np.argmax(np.abs(audible))) if audible.size else 0
    said = f"{names[1]} against {names[0]} at the same loudness: "
    if audible.size and abs(audible[most]) >= 0.1:
        said += (
            f"the largest change is {words.change(float(audible[most]))} at {words.hertz(float(hz[most]))}."
        )
    else:
        said += "no change."
    drawing = join(
        level_axis(box, y, (-reach, 0.0, reach), "dB", plus=True),
        area(xs, ys, y(0.0), "difference"),
        curve(xs, ys, "line edge"),
        label(box.right + 8, y(0.0) - 4, names[1], f"name {names[1]}"),
        label(box.right + 8, y(0.0) + 12, f"{MINUS} {names[0]}", f"name {names[0]}"),
    )
    return drawing, said


def _frequency_axis(x: Scale, top: float, bottom: float) -> Html:
    parts = [rule(x.start, bottom, x.end, bottom, "axis")]
    for value in SPECTRUM_TICKS_HZ:
        at = x(float(value))
        parts.append(rule(at, top, at, bottom + 4, "grid"))
        text = f"{value // 1000}k" if value >= 1000 else str(value)
        parts.append(label(at, bottom + 17, text, "tick", "middle"))
    return join(*parts, label(x.end + 20, bottom + 17, "Hz", "unit"))


def level_bars(result: MixResult) -> Html | None:
    """Change of each track's level in the mix against the plain sum, diverging from zero."""
    rows = [
        (t.name, result.track_level_change_db[t.id], t.muted)
        for t in result.session.tracks
        if t.id in result.track_level_change_db
    ]
    if not rows:
        return None
    finite = [abs(v) for _, v, _ in rows if math.isfinite(v)]
    reach = max(3.0, math.ceil(max(finite, default=0.0)))
    pitch, top, left = 24.0, 30.0, 220.0
    bottom = top + pitch * len(rows)
    x = Scale(-reach, reach, left + 50.0, RIGHT)
    parts = []
    for value in ticks(-reach, reach, 8):
        at = x(value)
        parts.append(rule(at, top - 4, at, bottom, "zero" if value == 0 else "grid"))
        parts.append(label(at, top - 11, words.number(value, 0, plus=True), "tick", "middle"))
    parts.append(label(RIGHT + 22, top - 11, "dB", "unit"))
    for index, (name, value, muted) in enumerate(rows):
        parts.append(_level_bar(name, -math.inf if muted else value, x, top + pitch * index))
    said = "; ".join(f"{name}: {'muted' if muted else words.change(value)}" for name, value, muted in rows)
    return figure(
        "levels", (WIDTH, bottom + 8), "Level change per track", f"Against the plain sum. {said}.", *parts
    )


def _level_bar(name: str, value: float, x: Scale, top: float) -> Html:
    zero, middle = x(0.0), top + 16.0
    parts = [label(x.start - 64, middle, _fitting(name, x.start - 70, 7.4), "rowname", "end")]
    if not math.isfinite(value):
        parts.append(label(zero + 8, middle, words.change(value), "muted"))
        return join(*parts)
    end = x(value)
    parts.append(block(min(zero, end), top + 5, abs(end - zero), 14.0, "bar", rx=1.5))
    beyond = end - 7 if value < -0.05 else end + 7
    anchor = "end" if value < -0.05 else "start"
    parts.append(label(beyond, middle, words.number(value, plus=True), "value", anchor))
    return join(*parts)


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
        _section_bands(result.session.sections, x, whole, bottom),
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


def activity_strip(key: str, name: str, spans_s: Sequence[tuple[float, float]], duration_s: float) -> Html:
    """Where a track sounds, as a strip over the length of the song."""
    x = Scale(0.0, max(duration_s, 1.0), 0.0, 180.0)
    bars = (block(x(a), 2.0, max(x(b) - x(a), 0.6), 12.0, "plays") for a, b in spans_s)
    if len(spans_s) > 12:
        said = (
            f"{len(spans_s)} stretches between {format_time(spans_s[0][0])} and {format_time(spans_s[-1][1])}"
        )
    else:
        said = ", ".join(words.span(s) for s in spans_s) or "nowhere"
    strip = figure(key, (180.0, 16.0), f"Where {name} plays", said, block(0, 2, 180, 12, "rest"), *bars)
    return tag("div", strip, class_="strip")
