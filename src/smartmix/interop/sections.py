"""Markers and tempo of a DAW as a session has them: sections, and tempo points."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.session.session import Section, TempoPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Marker, Tempo

ASSUMED_BPM, ASSUMED_METER = 120.0, (4, 4)
"""What every DAW starts with: not a tempo somebody set. Echoes timed by it would miss the song's own."""
_SLOWEST_BPM, _FASTEST_BPM, _MOST_BEATS = 20.0, 400.0, 32


def told_sections(markers: Sequence[Marker], end_s: float) -> list[tuple[int, Section]]:
    """The sections that named markers make in a song of ``end_s`` seconds, each with the place of its marker in the
    list. A marker without an end of its own reaches to the next.
    """
    named = [(i, m) for i, m in enumerate(markers) if m.name and 0.0 <= m.time_s < end_s]
    ends = [min(m.end_s, end_s) if m.end_s is not None else n.time_s for (_, m), (_, n) in pairwise(named)]
    ends += [min(named[-1][1].end_s or end_s, end_s)] if named else []
    return [
        (i, Section(m.name, round(m.time_s, 6), round(end, 6)))
        for (i, m), end in zip(named, ends, strict=True)
        if end > m.time_s
    ]


def is_assumed(tempo: Sequence[Tempo]) -> bool:
    """Whether a tempo is the one every DAW starts with."""
    return [(t.bpm, t.numerator, t.denominator) for t in tempo] == [(ASSUMED_BPM, *ASSUMED_METER)]


def told_tempo(tempo: Sequence[Tempo]) -> tuple[TempoPoint, ...]:
    """Tempo and bars as somebody set them; () for those a DAW starts with."""
    if is_assumed(tempo):
        return ()
    return tuple(
        TempoPoint(
            round(t.time_s, 6), min(max(t.bpm, _SLOWEST_BPM), _FASTEST_BPM), min(t.numerator, _MOST_BEATS)
        )
        for t in tempo
    )
