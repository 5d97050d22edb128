"""Spectrum of before and after at the same loudness, and what differs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.figures import MINUS
from smartmix.report import words
from smartmix.report.markup import Html, join
from smartmix.report.svg import (
    LEFT,
    RIGHT,
    WIDTH,
    Box,
    Scale,
    area,
    curve,
    end_labels,
    figure,
    label,
    level_axis,
    rule,
    ticks,
)
from smartmix.report.versions import before, programme

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, Programme

SPECTRUM_TICKS_HZ = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)

Values = NDArray[np.float64]


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
        end_labels(box, ends),
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
