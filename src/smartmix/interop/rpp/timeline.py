"""Tempo, bars, markers and regions of a REAPER project: read, and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smartmix.interop.model import Loss, Marker, Tempo
from smartmix.interop.rpp.envelopes import number_at
from smartmix.interop.rpp.parts import number
from smartmix.interop.rpp.text import Block, Line, made_block, made_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

START = ("120", "4", "4")
"""The tempo and bars a project has that names none."""
_STEP = 1
"""The shape of a tempo point that holds until the next; other shapes glide."""
_REGION = 1


@dataclass(frozen=True, slots=True)
class MarkerLines:
    """A marker with its line, and for a region the line of its end."""

    marker: Marker
    line: Line
    end: Line | None = None


def read_tempo(root: Block) -> tuple[tuple[Tempo, ...], list[Loss]]:
    """Tempo and bars of a project, and what of them cannot be told."""
    words = root.words("TEMPO")
    if not words:
        return (), []
    now = Tempo(0.0, number_at(words, 0, 120.0, "TEMPO"), *_meter(words))
    lane = root.block("TEMPOENVEX")
    found, glides = [], False
    for line in [] if lane is None or lane.words("ACT")[:1] == ["0"] else lane.lines("PT"):
        row = line.words[1:]
        meter = int(number_at(row, 3, 0.0, "TEMPOENVEX"))
        now = replace(
            now, time_s=number_at(row, 0, 0.0, "TEMPOENVEX"), bpm=number_at(row, 1, 120.0, "TEMPOENVEX")
        )
        if meter > 0:
            now = replace(now, numerator=meter & 0xFFFF, denominator=meter >> 16)
        glides = glides or int(number_at(row, 2, 1.0, "TEMPOENVEX")) != _STEP
        found.append(now)
    losses = [Loss("project", "a tempo that glides", "it goes in steps")] if glides else []
    return tuple(found) or (now,), losses


def _meter(words: Sequence[str]) -> tuple[int, int]:
    return int(number_at(words, 1, 4.0, "TEMPO")), int(number_at(words, 2, 4.0, "TEMPO"))


def marker_lines(root: Block) -> list[MarkerLines]:
    """Markers and regions in order of time. A region is two lines with one number; the second names its end."""
    found: list[MarkerLines] = []
    waiting: dict[str, int] = {}
    for line in root.lines("MARKER"):
        words = line.words[1:]
        time_s, index = number_at(words, 1, 0.0, "MARKER"), words[0] if words else ""
        region = int(number_at(words, 3, 0.0, "MARKER")) & _REGION
        if region and index in waiting:
            at = waiting.pop(index)
            made = found[at]
            found[at] = MarkerLines(replace(made.marker, end_s=time_s), made.line, line)
            continue
        if region:
            waiting[index] = len(found)
        found.append(MarkerLines(Marker(time_s, words[2] if len(words) > 2 else ""), line))
    return sorted(found, key=lambda row: row.marker.time_s)


def read_markers(root: Block) -> tuple[Marker, ...]:
    """Markers and regions in order of time."""
    return tuple(row.marker for row in marker_lines(root))


def made_markers(index: int, marker: Marker, depth: int = 1, end: bytes = b"\n") -> list[Line]:
    """The lines of a marker or region under a number of its own."""
    region = "0" if marker.end_s is None else str(_REGION)
    words = (str(index), number(marker.time_s), marker.name, region)
    lines = [made_line("MARKER", *words, depth=depth, end=end)]
    if marker.end_s is not None:
        words = (str(index), number(marker.end_s), "", region)
        lines.append(made_line("MARKER", *words, depth=depth, end=end))
    return lines


def tempo_words(tempo: Tempo) -> tuple[str, str, str]:
    """What a TEMPO line says."""
    return number(tempo.bpm), str(tempo.numerator), str(tempo.denominator)


def made_tempo_lane(tempo: Iterable[Tempo], depth: int = 1, end: bytes = b"\n") -> Block:
    """Tempo changes as a lane of steps."""
    steps = made_block("TEMPOENVEX", depth=depth, end=end)
    rows = [("ACT", "1", "-1"), ("VIS", "1", "0", "1"), ("DEFSHAPE", str(_STEP), "-1", "-1")]
    for point in tempo:
        meter = str((point.denominator << 16) + point.numerator)
        rows.append(("PT", number(point.time_s), number(point.bpm), str(_STEP), meter, "0", "1"))
    steps.parts += [made_line(row[0], *row[1:], depth=depth + 1, end=end) for row in rows]
    return steps
