"""Markers and tempo of a DAW as a session has them: sections, and tempo points."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.figures import format_time
from smartmix.interop.model import Loss
from smartmix.session.session import Section, TempoPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Marker, Project, Tempo

ASSUMED_BPM, ASSUMED_METER = 120.0, (4, 4)
"""What every DAW starts with: not a tempo somebody set. Echoes timed by it would miss the song's own."""
SAME_S = 1e-5
"""Places this close are the same: session.toml holds six decimals."""
SAME_END_S = 1e-3
TEMPO_GONE = Loss("project", "a tempo that was taken out", "the file keeps it")
_MOST_ODD = 4
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
    """Tempo and bars as a session can hold them; () for those a DAW starts with.

    A tempo past 20 to 400 bpm is taken an octave or more off, one that is none is left out; bars of more than 32 beats,
    or of notes that halve none, leave the bars as they were.
    """
    if is_assumed(tempo):
        return ()
    found: list[TempoPoint] = []
    for point in tempo:
        bpm = _in_octave(point.bpm)
        if bpm is None:
            continue
        bars = (point.numerator, point.denominator)
        if not _has_bars(point):
            bars = (found[-1].beats_per_bar, found[-1].beat_unit) if found else ASSUMED_METER
        found.append(TempoPoint(round(max(point.time_s, 0.0), 6), bpm, *bars))
    return tuple(found)


def odd_tempo_losses(tempo: Sequence[Tempo]) -> list[Loss]:
    """What of a tempo map no session holds, and how it is taken."""
    losses = []
    for point in tempo:
        at, bpm = format_time(point.time_s), _in_octave(point.bpm)
        if bpm != point.bpm:
            done = "left out: what was before goes on" if bpm is None else f"taken as {bpm:g} bpm"
            losses.append(Loss("project", f"a tempo of {point.bpm:g} bpm at {at}", done))
        if not _has_bars(point):
            bars = f"bars of {point.numerator}/{point.denominator} at {at}"
            losses.append(Loss("project", bars, "taken as the bars before them (4/4 where there are none)"))
    if len(losses) > _MOST_ODD:
        more = Loss("project", f"{len(losses) - _MOST_ODD} more points like these", "taken in the same way")
        return [*losses[:_MOST_ODD], more]
    return losses


def _in_octave(bpm: float) -> float | None:
    """A tempo in a session's range, by as many octaves as it takes; None for what is none."""
    if not 1.0 <= bpm <= 10_000.0:
        return None
    while bpm > _FASTEST_BPM:
        bpm /= 2.0
    while bpm < _SLOWEST_BPM:
        bpm *= 2.0
    return bpm


def _has_bars(point: Tempo) -> bool:
    return 1 <= point.numerator <= _MOST_BEATS and point.denominator in _UNITS


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


def is_same_tempo(kept: Sequence[Tempo], now: Sequence[Tempo]) -> bool:
    """Whether a session's tempo is the one an import took from a file's."""
    old = told_tempo(kept)
    same = [(t.bpm, t.beats_per_bar, t.beat_unit) for t in old] == [
        (t.bpm, t.numerator, t.denominator) for t in now
    ]
    return same and all(abs(a.time_s - b.time_s) <= SAME_S for a, b in zip(old, now, strict=True))


def paired(
    old: Sequence[tuple[int, Section]], markers: Sequence[Marker]
) -> tuple[list[tuple[int, Section, Marker]], list[Marker], list[int]]:
    """Which section of a file each of a session is: by name and place, by name, by place; the session's that are new,
    and the places of those that are gone.
    """
    pairs: list[tuple[int, Section, Marker]] = []
    left, waiting = list(old), list(markers)
    for same in (_is_both, is_named, is_placed):
        for marker in list(waiting):
            found = next((row for row in left if same(row[1], marker)), None)
            if found is not None:
                pairs.append((*found, marker))
                left.remove(found)
                waiting.remove(marker)
    return pairs, waiting, [index for index, _ in left]


def is_named(section: Section, marker: Marker) -> bool:
    """Whether a section has a marker's name."""
    return section.name == marker.name


def is_placed(section: Section, marker: Marker) -> bool:
    """Whether a section starts at a marker."""
    return abs(section.start_s - marker.time_s) <= SAME_S


def _is_both(section: Section, marker: Marker) -> bool:
    return is_named(section, marker) and is_placed(section, marker)


def open_ends(markers: Sequence[Marker], project: Project) -> list[Loss]:
    """Sections of a project that end elsewhere by the markers of a file, because a marker has no end of its own."""
    now = [section for _, section in told_sections(markers, project.duration_s)]
    ends = {(s.name, round(s.start_s, 4)): s.end_s for s in now}
    wanted = [(m.name, round(m.time_s, 4), _end(m, project)) for m in project.markers if m.end_s is not None]
    return [
        Loss("project", f"the end of {name}", "a marker has none: it reaches to the next")
        for name, start, end in wanted
        if abs(ends.get((name, start), end) - end) > SAME_END_S
    ]


def _end(marker: Marker, project: Project) -> float:
    """Where a section ends in the song."""
    return min(project.duration_s if marker.end_s is None else marker.end_s, project.duration_s)
