"""Tempo and sections that changed since a REAPER project came in, in its own lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.interop.model import Loss, Marker
from smartmix.interop.rpp.parts import number
from smartmix.interop.rpp.text import Block, Line
from smartmix.interop.rpp.timeline import (
    START,
    made_markers,
    made_tempo_lane,
    marker_lines,
    read_tempo,
    tempo_words,
)
from smartmix.interop.sections import told_sections, told_tempo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Project, Tempo
    from smartmix.interop.rpp.timeline import MarkerLines
    from smartmix.session.session import Section

SAME_S = 1e-5
"""Places this close are the same: session.toml holds six decimals."""
SAME_END_S = 1e-3


def write_tempo(whole: Block, project: Project) -> list[Loss]:
    """Tempo and bars as the session has them now. Those nobody changed keep their lines."""
    kept, _ = read_tempo(whole)
    old, new = told_tempo(kept), project.tempo
    now = [(t.bpm, t.numerator, t.denominator) for t in new]
    if [(t.bpm, t.beats_per_bar, t.beat_unit) for t in old] == now and all(
        abs(a.time_s - b.time_s) <= SAME_S for a, b in zip(old, new, strict=True)
    ):
        return []
    if not new:
        return [Loss("project", "a tempo that was taken out", "the file keeps it")]
    _put_tempo(whole, new)
    return []


def _put_tempo(whole: Block, now: Sequence[Tempo]) -> None:
    end = whole.head.end
    line = whole.line("TEMPO")
    if line is None:
        line = Line(b"  TEMPO " + " ".join(START).encode() + end)
        whole.parts.insert(0, line)
    for index, word in enumerate(tempo_words(now[0]), 1):
        line.put(index, word)
    lane = whole.block("TEMPOENVEX")
    if lane is None and len(now) == 1:
        return
    made = made_tempo_lane(now, end=end)
    if lane is None:
        whole.parts.insert(whole.parts.index(line) + 1, made)
        return
    act = lane.line("ACT")
    if act is not None:
        act.put(1, "1")
    others = [part for part in lane.parts if isinstance(part, Block) or part.key != "PT"]
    lane.parts = [*others, *made.lines("PT")]


def write_sections(whole: Block, project: Project) -> list[Loss]:
    """Sections that were moved, named anew, added or taken out. Markers that are none keep their lines."""
    rows = marker_lines(whole)
    old = told_sections([row.marker for row in rows], project.duration_s)
    pairs, added, gone = _paired(old, project.markers)
    for index, section, marker in pairs:
        _moved(rows[index], section, marker)
    lines = [line for index in gone for line in (rows[index].line, rows[index].end) if line is not None]
    at = _behind(whole, rows)
    whole.parts[at:at] = _made(whole, rows, added)
    whole.parts = [part for part in whole.parts if not any(part is line for line in lines)]
    return _open_ends(whole, project)


def _open_ends(whole: Block, project: Project) -> list[Loss]:
    """Sections that end elsewhere in the file, because a marker has no end of its own."""
    now = [
        section for _, section in told_sections([r.marker for r in marker_lines(whole)], project.duration_s)
    ]
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


def _paired(
    old: Sequence[tuple[int, Section]], markers: Sequence[Marker]
) -> tuple[list[tuple[int, Section, Marker]], list[Marker], list[int]]:
    """Which section of the file each of the session is: by name and place, by name, by place; those left over."""
    left, pairs, waiting = list(old), [], list(markers)
    for same in (_named_and_placed, _named, _placed):
        for marker in list(waiting):
            found = next((row for row in left if same(row[1], marker)), None)
            if found is not None:
                pairs.append((*found, marker))
                left.remove(found)
                waiting.remove(marker)
    return pairs, waiting, [index for index, _ in left]


def _named(section: Section, marker: Marker) -> bool:
    return section.name == marker.name


def _placed(section: Section, marker: Marker) -> bool:
    return abs(section.start_s - marker.time_s) <= SAME_S


def _named_and_placed(section: Section, marker: Marker) -> bool:
    return _named(section, marker) and _placed(section, marker)


def _moved(row: MarkerLines, section: Section, marker: Marker) -> None:
    """A section's own lines, where it has another place or name."""
    if not _placed(section, marker):
        row.line.put(2, number(marker.time_s))
    if not _named(section, marker):
        row.line.put(3, marker.name)
    if row.end is not None and marker.end_s is not None and abs(marker.end_s - section.end_s) > SAME_S:
        row.end.put(2, number(marker.end_s))


def _behind(whole: Block, rows: Sequence[MarkerLines]) -> int:
    """Where new markers stand: behind those there are, else in front of the first track."""
    lines = [line for row in rows for line in (row.line, row.end) if line is not None]
    places = [i for i, part in enumerate(whole.parts) if any(part is line for line in lines)]
    if places:
        return places[-1] + 1
    return next(
        (i for i, p in enumerate(whole.parts) if isinstance(p, Block) and p.key == "TRACK"), len(whole.parts)
    )


def _made(whole: Block, rows: Sequence[MarkerLines], added: Sequence[Marker]) -> list[Line]:
    """New sections: regions, or markers where the file has nothing else."""
    taken = [int(word) for row in rows for word in row.line.words[1:2] if word.isdecimal()]
    plain = bool(rows) and not any(row.end is not None for row in rows)
    lines: list[Line] = []
    for number_, marker in enumerate(added, max(taken, default=0) + 1):
        said = replace(marker, end_s=None) if plain else marker
        lines += made_markers(number_, said, end=whole.head.end)
    return lines
