"""When a cut is needed: the parts of the song where it helps, and in them while the covered track plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Analysis
from smartmix.parameter import Breakpoint
from smartmix.session.session import Section
from smartmix.suggesters.unmask.covered import Covered, Cuts
from smartmix.suggesters.unmask.scene import Scene

Array = NDArray[np.float64]
Spans = tuple[tuple[float, float], ...]

SECTION_SHARE = 0.3
"""A part of the song in which a cut wins less than this share of what it wins at large is left alone (house)."""
SHORTEST_GAP_S = 1.5
MOST_SPANS = 16
"""A lane a person can still read: gaps are closed until there are no more phrases than this."""
IN_S, OUT_S = 0.2, 0.5
"""How long before a phrase a cut comes in, and how long after it it takes to go (house)."""
ALWAYS_SHARE = 0.8
"""Playing in so much of what the other plays, the cut may as well stand still."""


@dataclass(frozen=True, slots=True)
class When:
    """The parts of the song a cut is for (all: ()), and its spans (None: it stands still)."""

    sections: tuple[str, ...]
    spans: Spans | None

    @property
    def span_s(self) -> tuple[float, float] | None:
        """From the first to the last moment of it."""
        return None if self.spans is None else (self.spans[0][0], self.spans[-1][1])


def when_needed(
    analysis: Analysis, scene: Scene, covered: Covered, cuts: Cuts, track: int, *, sections: Sequence[Section]
) -> When:
    """When the cut of one track in ``cuts`` is needed."""
    names = scene.facts.tracks
    chosen = _helped(scene, covered, cuts, track, sections)
    spans = _phrases(analysis.tracks[names[covered.track]].active_spans_s)
    if chosen is not None:
        spans = _within(spans, [(s.start_s, s.end_s) for s in chosen])
    gone = analysis.tracks[names[track]].active_spans_s
    plays = sum(end - start for start, end in gone)
    shared = sum(end - start for start, end in _within(spans, gone))
    named = () if chosen is None else tuple(s.name for s in chosen)
    if not spans or (chosen is None and shared >= ALWAYS_SHARE * plays):
        return When(named, None)
    return When(named, spans)


def lane(spans: Spans, value: float) -> tuple[Breakpoint, ...]:
    """0 outside the spans, the value in them, with soft edges."""
    points = []
    for start, end in spans:
        points += [(start - IN_S, 0.0), (start, value), (end, value), (end + OUT_S, 0.0)]
    return tuple(
        Breakpoint(max(round(time_s, 3), 0.0), level) for time_s, level in points if time_s >= 0.0 or level
    )


def on_share(spans: Spans | None, scene: Scene, covered: Covered) -> Array:
    """(columns,) how much of each column of the covered track a lane is on, 0..1."""
    if spans is None:
        return np.ones(covered.columns.size)
    times = scene.cells.times_s[covered.cells]
    return np.asarray(
        sum(((times >= a - 0.5 * IN_S) & (times < b + 0.5 * OUT_S)).mean(axis=1) for a, b in spans)
    )


def _helped(
    scene: Scene, covered: Covered, cuts: Cuts, track: int, sections: Sequence[Section]
) -> list[Section] | None:
    """The parts in which the cut wins enough; None: all there are."""
    without = {t: c for t, c in cuts.items() if t != track}
    won = (covered.heard(cuts) - covered.heard(without)).sum(axis=1)
    usual = float(won.mean())
    times = scene.cells.times_s[covered.cells].mean(axis=1)
    inside = [(s, (times >= s.start_s) & (times < s.end_s)) for s in sections]
    played = [(s, float(won[at].mean())) for s, at in inside if at.any()]
    kept = [s for s, gain in played if gain >= SECTION_SHARE * usual]
    return None if len(kept) == len(played) or not kept else kept


def _phrases(spans: Sequence[tuple[float, float]]) -> Spans:
    """Spans with room for the edges, run together until there are few enough."""
    gap = SHORTEST_GAP_S
    while True:
        merged: list[tuple[float, float]] = []
        for start, end in spans:
            if merged and start - merged[-1][1] < gap:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        if len(merged) <= MOST_SPANS:
            return tuple(merged)
        gap *= 1.5


def _within(spans: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> Spans:
    """What two lists of spans share; parts nearer than the shortest gap run together."""
    shared = sorted(
        (max(a, c), min(b, d)) for a, b in spans for c, d in others if min(b, d) - max(a, c) > 0.0
    )
    merged: list[tuple[float, float]] = []
    for start, end in shared:
        if merged and start - merged[-1][1] < IN_S + OUT_S:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
