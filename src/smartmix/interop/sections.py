"""Markers and tempo of a DAW as a session has them: sections, and tempo points."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.interop.model import Loss
from smartmix.session.session import Section, TempoPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Marker, Tempo

ASSUMED_BPM, ASSUMED_METER = 120.0, (4, 4)
"""What every DAW starts with: not a tempo somebody set. Echoes timed by it would miss the song's own."""
_SLOWEST_BPM, _FASTEST_BPM, _MOST_BEATS, _UNITS = 20.0, 400.0, 32, (1, 2, 4, 8, 16, 32)


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
    """Tempo and bars as somebody set them; () for those a DAW starts with, and for those no song has."""
    if is_assumed(tempo) or not is_usable(tempo):
        return ()
    return tuple(TempoPoint(round(max(t.time_s, 0.0), 6), t.bpm, t.numerator, t.denominator) for t in tempo)


def is_usable(tempo: Sequence[Tempo]) -> bool:
    """Whether a session can hold a tempo: 20 to 400 bpm, up to 32 beats in a bar, each a note that halves one."""
    return all(
        _SLOWEST_BPM <= t.bpm <= _FASTEST_BPM and 1 <= t.numerator <= _MOST_BEATS and t.denominator in _UNITS
        for t in tempo
    )


def untold_markers(markers: Sequence[Marker], end_s: float) -> list[Loss]:
    """What of a DAW's markers and regions makes no section of a song of ``end_s`` seconds."""
    told = {index for index, _ in told_sections(markers, end_s)}
    rest = [m for i, m in enumerate(markers) if i not in told]
    nameless = sum(not m.name for m in rest)
    outside = [m.name for m in rest if m.name]
    done = "no section; kept for the way back"
    losses = (
        [Loss("project", f"{nameless} marker{'s' * (nameless != 1)} without a name", done)]
        if nameless
        else []
    )
    if outside:
        names = ", ".join(outside[:8]) + (" ..." if len(outside) > 8 else "")
        losses.append(Loss("project", f"markers outside the sound ({names})", done))
    return losses
