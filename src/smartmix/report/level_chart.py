"""Levels of tracks: how far each moved, and where each plays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from smartmix.figures import format_time
from smartmix.report import words
from smartmix.report.markup import Html, join, tag
from smartmix.report.svg import (
    RIGHT,
    WIDTH,
    Scale,
    block,
    figure,
    fitting,
    label,
    rule,
    ticks,
)

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult


def level_bars(result: MixResult) -> Html | None:
    """Change of each track's level in the mix against the plain sum, diverging from zero."""
    rows = [
        (t.name, result.track_level_change_db[t.id], t.muted)
        for t in result.session.tracks
        if t.id in result.track_level_change_db
    ]
    if not rows:
        return None
    marks = rough_faders_db(result)
    finite = [abs(v) for v in (*(v for _, v, _ in rows), *marks.values()) if math.isfinite(v)]
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
    for index, track in enumerate(t for t in result.session.tracks if t.id in result.track_level_change_db):
        wanted = marks.get(track.id)
        if wanted is not None and not track.muted:
            at = x(wanted)
            parts.append(rule(at, top + pitch * index + 2, at, top + pitch * index + 22, "wanted"))
    said = "; ".join(f"{name}: {'muted' if muted else words.change(value)}" for name, value, muted in rows)
    return figure(
        "levels", (WIDTH, bottom + 8), "Level change per track", f"Against the plain sum. {said}.", *parts
    )


def rough_faders_db(result: MixResult) -> dict[str, float]:
    """Where the rough mix has each fader, dB against the plain sum, by track id; groups reach their members. Empty
    where the rough set no balance.
    """
    moves = [m for m in result.plan.moves if m.source == "rough-balance" and m.sets[0].ref.device == "fader"]
    if not moves:
        return {}
    found = {t.id: t.gain_db for t in result.session.audible_tracks}
    for item in (s for m in moves for s in m.sets):
        bus = next((b for b in result.session.buses if b.id == item.ref.track), None)
        for track in (item.ref.track,) if bus is None else bus.members:
            if track in found and isinstance(item.suggested, float):
                found[track] += item.suggested
    return found


def _level_bar(name: str, value: float, x: Scale, top: float) -> Html:
    zero, middle = x(0.0), top + 16.0
    parts = [label(x.start - 64, middle, fitting(name, x.start - 70, 7.4), "rowname", "end")]
    if not math.isfinite(value):
        parts.append(label(zero + 8, middle, words.change(value), "muted"))
        return join(*parts)
    end = x(value)
    parts.append(block(min(zero, end), top + 5, abs(end - zero), 14.0, "bar", rx=1.5))
    beyond = end - 7 if value < -0.05 else end + 7
    anchor = "end" if value < -0.05 else "start"
    parts.append(label(beyond, middle, words.number(value, plus=True), "value", anchor))
    return join(*parts)


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
