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
from smartmix.interop.sections import (
    SAME_S,
    TEMPO_GONE,
    is_named,
    is_placed,
    is_same_tempo,
    open_ends,
    paired,
    told_sections,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Project, Tempo
    from smartmix.interop.rpp.timeline import MarkerLines
    from smartmix.session.session import Section


def write_tempo(whole: Block, project: Project) -> list[Loss]:
    """Tempo and bars as the session has them now. Those nobody changed keep their lines."""
    kept, _ = read_tempo(whole)
    if is_same_tempo(kept, project.tempo):
        return []
    if not project.tempo:
        return [TEMPO_GONE]
    _put_tempo(whole, project.tempo)
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
    pairs, added, gone = paired(old, project.markers)
    for index, section, marker in pairs:
        _moved(rows[index], section, marker)
    lines = [line for index in gone for line in (rows[index].line, rows[index].end) if line is not None]
    at = _behind(whole, rows)
    whole.parts[at:at] = _made(whole, rows, added)
    whole.parts = [part for part in whole.parts if not any(part is line for line in lines)]
    now = [row.marker for row in marker_lines(whole)]
    return open_ends(now, project)


def _moved(row: MarkerLines, section: Section, marker: Marker) -> None:
    """A section's own lines, where it has another place or name."""
    if not is_placed(section, marker):
        row.line.put(2, number(marker.time_s))
    if not is_named(section, marker):
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
